package emerge
import ("testing";"context";"os";"bytes"
"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
"github.com/tumpline/tumpline/cmd/internal/cli")
func TestZZ(t *testing.T){
 c,_:=corpus.Open("/work/shared/corpus/flatcar")
 b:=corpus.NewBench(c,"/tmp/sc")
 for i:=range c.Requests { r:=&c.Requests[i]
  if r.ID!=os.Getenv("ZZ") {continue}
  roots,err:=b.Lay(r); if err!=nil{t.Fatal(err)}
  vars:=map[string]string{"TUMPLINE_BUILD_ROOT":roots.Build}
  if r.Board(){vars["ROOT"]=roots.Target;vars["SYSROOT"]=roots.Target;vars["PORTAGE_CONFIGROOT"]=roots.Target}
  var o bytes.Buffer
  s:=cli.Run(context.Background(),&cli.Env{Streams:cli.Streams{Out:&o,Err:&o},Args:append([]string{"--pretend"},r.Args...),Vars:vars,Dir:"/"},Main)
  t.Log(s,o.String())
 }
}
