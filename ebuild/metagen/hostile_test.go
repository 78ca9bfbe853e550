package metagen_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/ebuild/metagen"
	"github.com/tumpline/tumpline/ebuild/repos"
)

func TestMain(m *testing.M) {
	confine.Trampoline()
	if len(os.Args) == 4 && os.Args[1] == "source" {
		fmt.Println(sourceConfined(os.Args[2], os.Args[3]))
		return
	}
	os.Exit(m.Run())
}

// confinement skips a test where this machine lacks parts.
func confinement(tb testing.TB) *metagen.Confinement {
	tb.Helper()
	if r := confine.Probe(); len(r.Missing) > 0 {
		tb.Skip(r)
	}
	return &metagen.Confinement{}
}

// hostileRepo makes a repository of ebuilds by their names in category "hostile",
// and eclasses.
func hostileRepo(tb testing.TB, ebuilds, eclasses map[string]string) *ebuild.Repository {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "repo")
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	write("metadata/layout.conf", "masters =\n")
	write("profiles/repo_name", "hostile\n")
	for name, text := range ebuilds {
		write("hostile/"+name+"/"+name+"-1.ebuild", "EAPI=8\nDESCRIPTION=d\nSLOT=0\n"+text)
	}
	for name, text := range eclasses {
		write("eclass/"+name+".eclass", text)
	}
	text := "[DEFAULT]\nmain-repo = hostile\n[hostile]\nlocation = " + dir + "\n"
	set, err := ebuild.Open(repos.Load(repos.Options{Text: &text}), ebuild.OpenOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return set.Main()
}

func hostileCPV(name string) (atoms.CPV, error) { return atoms.ParseCPV("hostile/" + name + "-1") }

// source makes the metadata of one of the ebuilds.
func source(g *metagen.Generator, r *ebuild.Repository, name string) error {
	cpv, err := hostileCPV(name)
	if err != nil {
		return err
	}
	_, err = g.Entry(context.Background(), r, cpv, filepath.Join(r.Location, "hostile", name, name+"-1.ebuild"))
	return err
}

func hostileGenerator(tb testing.TB, c *metagen.Confinement, timeout time.Duration) *metagen.Generator {
	tb.Helper()
	g, err := metagen.New(metagen.Options{Bash: shells(tb), Jobs: 2, Confine: c, Timeout: timeout})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { g.Close() })
	return g
}

// TestHostile: each gets an error of its own that names file and line, and the
// ebuilds that do nothing of the sort do not notice.
func TestHostile(t *testing.T) {
	c := confinement(t)
	c.Memory = 64 << 20
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("this machine has no loopback: ", err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	cases := []struct {
		name, text string
		kind       metagen.Kind
		line       int
		msg        string // in the message
	}{
		{"reads", "DESCRIPTION=$(<" + secret + ")\n", metagen.KindForbidden, 4, "reads " + secret},
		{"quiet", "{ DESCRIPTION=$(<" + secret + "); } 2>/dev/null\n", metagen.KindForbidden, 4, "reads " + secret},
		{"sources", "source /etc/profile\n", metagen.KindForbidden, 4, "reads /etc/profile"},
		{"mapfile", "\nmapfile -t lines < /etc/passwd\n", metagen.KindForbidden, 5, "reads /etc/passwd"},
		{"climbs", "x=$(<${EBUILD%/*}/../../../secret-beside)\n", metagen.KindForbidden, 4, "secret-beside"},
		{"writes", ": > " + secret + "\n", metagen.KindForbidden, 4, "writes " + secret},
		{"creates", "echo x >> ${EBUILD%/*}/file\n", metagen.KindForbidden, 4, "writes "},
		{"tmp", "echo x > /tmp/file\n", metagen.KindForbidden, 4, "writes /tmp/file"},
		{"tcp", fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%d\n", port), metagen.KindForbidden, 4, "uses the network"},
		{"udp", "echo x > /dev/udp/127.0.0.1/9\n", metagen.KindForbidden, 4, "uses the network"},
		{"runs", "/bin/cat /etc/passwd\n", metagen.KindForbidden, 4, "executes /bin/cat"},
		{"replaces", "exec /bin/sh -c 'echo x'\n", metagen.KindForbidden, 4, "executes /bin/sh"},
		{"bash", "/proc/self/exe -c 'echo x'\n", metagen.KindForbidden, 4, "executes "},
		{"environ", "x=$(</proc/1/environ)\n", metagen.KindForbidden, 4, "reads /proc/1/environ"},
		{"memory", "x=x; while :; do x=$x$x; done\n", metagen.KindKilled, 0, "memory"},
		{"spins", "while :; do :; done\n", metagen.KindTimeout, 0, "not done after"},
		{"sleeps", "read -t 1000 <> <(:)\n", metagen.KindTimeout, 0, "not done after"},
		{"bomb", "bomb() { bomb | bomb & }; bomb; while :; do :; done\n", metagen.KindTimeout, 0, "not done after"},
		{"daemon", "( ( trap '' TERM HUP; while :; do :; done ) & ) &>/dev/null\n", metagen.KindBackground, 0, "background"},
		{"disowned", "while :; do :; done &>/dev/null & disown\n", metagen.KindBackground, 0, "background"},
	}
	ebuilds := map[string]string{"innocent": "[[ -e /etc/passwd ]] && die seen\nIUSE=x\n"}
	for _, c := range cases {
		ebuilds[c.name] = c.text
	}
	r := hostileRepo(t, ebuilds, nil)
	g := hostileGenerator(t, c, 2*time.Second)
	for _, c := range cases {
		err := source(g, r, c.name)
		var e *metagen.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if e.Kind != c.kind || e.Line != c.line || !strings.Contains(e.Msg, c.msg) || !strings.HasSuffix(e.File, c.name+"-1.ebuild") {
			t.Errorf("%s: %s, line %d: %v\n%s\nwant %s, line %d: %s", c.name, e.Kind, e.Line, e, e.Output, c.kind, c.line, c.msg)
		}
		if err := source(g, r, "innocent"); err != nil {
			t.Errorf("innocent after %s: %v", c.name, err)
		}
	}
	if text, err := os.ReadFile(secret); err != nil || string(text) != "text" {
		t.Errorf("the secret file is now %q, %v", text, err)
	}
}

// TestHostileTogether runs hostile and innocent ebuilds side by side.
func TestHostileTogether(t *testing.T) {
	c := confinement(t)
	c.Memory = 64 << 20
	ebuilds := map[string]string{
		"reads": "DESCRIPTION=$(</etc/passwd)\n", "kills": "kill -9 -1; kill -9 1; kill -9 $$; kill -9 $PPID; kill -9 ${BASHPID}; exit 1\n",
		"memory": "x=x; while :; do x=$x$x; done\n", "exits": "exit 0\n",
	}
	for i := range 30 {
		ebuilds[fmt.Sprintf("innocent%d", i)] = "inherit some\n"
	}
	r := hostileRepo(t, ebuilds, map[string]string{"some": "IUSE=some\n"})
	g := hostileGenerator(t, c, 10*time.Second)
	var wait sync.WaitGroup
	for name := range ebuilds {
		wait.Go(func() {
			err := source(g, r, name)
			if innocent := strings.HasPrefix(name, "innocent"); innocent != (err == nil) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wait.Wait()
}

// sourceConfined sources the one ebuild of a repository with parts missing that
// are named, and gives the error.
func sourceConfined(repo, allow string) error {
	c := &metagen.Confinement{}
	for _, name := range strings.Fields(allow) {
		part, err := confine.ParsePart(name)
		if err != nil {
			return err
		}
		c.Allow = append(c.Allow, part)
	}
	g, err := metagen.New(metagen.Options{Bash: []string{"/bin/bash"}, Confine: c})
	if err != nil {
		return err
	}
	defer g.Close()
	text := "[DEFAULT]\nmain-repo = hostile\n[hostile]\nlocation = " + repo + "\n"
	set, err := ebuild.Open(repos.Load(repos.Options{Text: &text}), ebuild.OpenOptions{})
	if err != nil {
		return err
	}
	return source(g, set.Main(), "innocent")
}

// TestMissingParts: where the kernel refuses a part, here because it all happens
// within a confinement that makes no namespaces, the error says which and what that
// means, unless the user lets the parts go by name.
func TestMissingParts(t *testing.T) {
	confinement(t)
	if _, err := os.Stat("/bin/bash"); err != nil {
		t.Skip(err)
	}
	r := hostileRepo(t, map[string]string{"innocent": "IUSE=x\n"}, nil)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for allow, want := range map[string]string{
		"":       "innocent-1.ebuild: no shell: start /bin/bash: confine: userns: make it: operation not permitted",
		"userns": "innocent-1.ebuild: no shell: start /bin/bash: confine: pidns: make it: operation not permitted",
		"userns pidns mountns netns ipcns utsns seccomp capabilities": "<nil>",
	} {
		cmd, err := confine.Command(t.Context(), confine.Policy{Exec: []string{"/"}, Write: []string{"/dev"}, Network: confine.NetLoopback}, self, "source", r.Location, allow)
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("allowing %q: %v %s\nwant %s", allow, err, out, want)
		}
	}
}

func TestMissingBash(t *testing.T) {
	c := confinement(t)
	r := hostileRepo(t, map[string]string{"innocent": "IUSE=x\n"}, nil)
	g, err := metagen.New(metagen.Options{Bash: []string{"/nowhere/bash"}, Confine: c})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	var e *metagen.Error
	if err := source(g, r, "innocent"); !errors.As(err, &e) || e.Kind != metagen.KindBash {
		t.Error(err)
	}
}
