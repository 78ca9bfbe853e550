package phase_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/phase"
)

// What one phase grants, later ones may do, the shell itself and its programs.
func TestGrantsLast(t *testing.T) {
	if missing := confine.Probe().Missing; len(missing) > 0 {
		t.Skipf("this kernel does not confine: %v", missing[0])
	}
	outside := t.TempDir()
	b, out := build(t, "8", "S=${WORKDIR}\nsrc_unpack() { addwrite "+outside+"/a; addpredict "+outside+"/p; }\n"+
		"src_compile() { echo x >"+outside+"/a || die; mkdir "+outside+"/p; mkdir "+outside+"/ab; }\n")
	b.Features = map[string]bool{"sandbox": true, "network-sandbox": true}
	b.Launch = &phase.Sandboxed{}
	run(t, b, out, phase.Unpack)
	err := b.Run(context.Background(), phase.Compile)
	if err == nil || !strings.Contains(err.Error(), "compile phase") || !strings.Contains(err.Error(), outside+"/ab (mkdir") || strings.Contains(err.Error(), outside+"/p") {
		t.Errorf("error %v\n%s", err, out)
	}
	if _, err := os.Stat(outside + "/a"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if log, err := os.ReadFile(b.Dir.Temp() + "/sandbox.log"); err != nil || !strings.Contains(string(log), "A: "+outside+"/ab\n") {
		t.Errorf("log %v: %s", err, log)
	}
}
