package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/sandbox"
)

func TestMain(m *testing.M) {
	confine.Trampoline()
	os.Exit(m.Run())
}

// needs skips a test where this machine lacks parts.
func needs(t testing.TB) {
	t.Helper()
	if r := confine.Probe(); len(r.Missing) > 0 {
		t.Skip(r)
	}
}

func bash(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("bash")
	if err != nil {
		sharedtest.Lacking(t, fmt.Sprint("no bash: ", err))
	}
	return path
}

// A world is a build directory and things beside it.
type world struct {
	dir     string // all of it
	options sandbox.Options
}

// newWorld makes build (the build directory), host (not granted), granted,
// predicted and denied, each with a file.
func newWorld(t testing.TB) *world {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"build", "host", "granted", "predicted", "denied"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "file"), []byte(name+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "host", "file"), filepath.Join(dir, "build", "link")); err != nil {
		t.Fatal(err)
	}
	return &world{dir, sandbox.Options{
		Dir: filepath.Join(dir, "build"), Write: []string{filepath.Join(dir, "granted"), filepath.Join(dir, "later")},
		Predict: []string{filepath.Join(dir, "predicted")}, Deny: []string{filepath.Join(dir, "denied")},
	}}
}

// run runs a script, in which W is the world's folder. It gives what it printed
// and the violations as "call path" relative to the world.
func (w *world) run(t testing.TB, script string) (out string, told []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd, err := sandbox.Command(ctx, w.options, bash(t), "-c", announce+script)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	cmd.Env = append(sandbox.Environ(), "PATH="+os.Getenv("PATH"), "W="+w.dir, "LC_ALL=C")
	err = cmd.Run()
	var e *sandbox.Error
	if errors.As(err, &e) {
		for _, v := range e.Violations {
			told = append(told, strings.ReplaceAll(v.Call+" "+v.Resolved, w.dir+"/", ""))
		}
		err = e.Err
	}
	return strings.ReplaceAll(text.String(), w.dir+"/", ""), told, err
}

// announce defines addwrite and its kin as the library has them.
const announce = `
grant() { export "$1=${!1}${!1:+:}$2"; { : >|"/dev/sandbox/$1/$2"; } 2>/dev/null || :; }
addwrite() { grant SANDBOX_WRITE "$@"; }; addpredict() { grant SANDBOX_PREDICT "$@"; }; adddeny() { grant SANDBOX_DENY "$@"; }
cd "$W/build"
`

func TestRules(t *testing.T) {
	needs(t)
	for _, c := range []struct {
		name, script string
		told         string // violations, with commas
		check        string // afterwards, outside: must succeed
	}{
		{"build directory", "echo x > new; mkdir d; mv new d; ln -s a b; chmod 700 d; touch d/new; rm -r d b", "", "[ ! -e $W/build/d ]"},
		{"granted", "echo x > $W/granted/new", "", "[ -e $W/granted/new ]"},
		{"create", "echo x > $W/host/new", "openat host/new", "[ ! -e $W/host/new ]"},
		{"append", "echo x >> $W/host/file", "openat host/file", "[ $(cat $W/host/file) = host ]"},
		{"relative", "echo x > ../host/file", "openat host/file", "[ $(cat $W/host/file) = host ]"},
		{"through a link", "echo x > link", "openat host/file", "[ $(cat $W/host/file) = host ]"},
		{"link made inside", "ln -s $W/host own; echo x > own/file", "openat host/file", "[ $(cat $W/host/file) = host ]"},
		{"link to nothing", "ln -s $W/host/none own; echo x > own", "openat host/none", "[ ! -e $W/host/none ]"},
		{"remove", "rm -f $W/host/file", "unlinkat host/file", "[ -e $W/host/file ]"},
		{"rmdir", "rmdir $W/host", "rmdir host", "[ -e $W/host ]"},
		{"mkdir", "mkdir $W/host/d", "mkdir host/d", "[ ! -e $W/host/d ]"},
		{"move out", "mv file $W/host/new", "renameat2 host/new", "[ ! -e $W/host/new ]"},
		{"move in", "mv $W/host/file new", "renameat2 host/file", "[ -e $W/host/file ]"},
		{"symlink", "ln -s x $W/host/new", "symlinkat host/new", "[ ! -L $W/host/new ]"},
		{"hard link out", "ln file $W/host/new", "linkat host/new", "[ ! -e $W/host/new ]"},
		{"chmod", "chmod 600 $W/host/file", "fchmodat host/file", "[ $(stat -c %a $W/host/file) != 600 ]"},
		{"chown", "chown $(id -u) $W/host/file", "fchownat host/file", ""},
		{"touch", "touch $W/host/file", "openat host/file,utimensat host/file", ""},
		{"truncate", "truncate -s 0 $W/host/file", "openat host/file", "[ -s $W/host/file ]"},
		{"mkfifo", "mkfifo $W/host/pipe", "mknodat host/pipe", "[ ! -e $W/host/pipe ]"},
		{"existing folder", "mkdir -p $W/host; mkdir $W/host", "", ""},
		{"nothing there", "rm $W/host/none; rmdir $W/host/none; chmod 1 $W/host/none; echo x > $W/none/none; cat < $W/host/none", "", ""},
		{"asking", "[ -w $W/host/file ] && echo writable", "", ""},
		{"reading", "cat $W/host/file >/dev/null", "", ""},
		{"devices", "echo x >/dev/null; echo x > /dev/stdout; echo x > /dev/fd/1; cat <(echo y) > >(cat)", "", ""},
		{"own tmp", "echo x > /tmp/of-the-sandbox; cat /tmp/of-the-sandbox", "openat /tmp/of-the-sandbox", "[ ! -e /tmp/of-the-sandbox ]"},
		{"predicted", "echo x > $W/predicted/new; rm $W/predicted/file", "", "[ -e $W/predicted/file ]"},
		{"denied", "echo x > $W/denied/new", "openat denied/new", "[ ! -e $W/denied/new ]"},
		{"unseen", "[ ! -e $W/denied/file ] || touch seen", "", "[ ! -e $W/build/seen ]"},
		{"granted and not there yet", "mkdir $W/later; echo x > $W/later/new; mkdir -m 700 $W/later/d; mv $W/later/new $W/later/d; ln -s x $W/later/l", "", "[ -e $W/later/d/new ]"},
		{"addwrite", "addwrite $W/host; echo x > $W/host/new; rm $W/host/file; truncate -s 9 $W/host/new; chmod 604 $W/host/new; touch -d @5 $W/host/new", "",
			"[ ! -e $W/host/file ] && [ $(stat -c %Y.%a.%s $W/host/new) = 5.604.9 ]"},
		{"addwrite asks", "addwrite $W/host; [ -w $W/host/file ] || rm $W/nowhere/x; addwrite $W/host/file; (( $(id -u) == 0 )) || [ -w $W/host/file ] || echo x > $W/host", "", ""},
		{"addwrite in a subshell", "(addwrite $W/host; echo x > $W/host/new); echo x > $W/host/other", "openat host/other", "[ -e $W/host/new ]"},
		{"addwrite for children", "addwrite $W/host; bash -c 'echo x > $W/host/new; (cd $W/host && mkdir d)'", "", "[ -e $W/host/new ] && [ -d $W/host/d ]"},
		{"addwrite of a part", "addwrite $W/host/new; echo x > $W/host/new; echo x > $W/host/newer", "openat host/newer", "[ -e $W/host/new ]"},
		{"umask", "addwrite $W/host; umask 077; echo x > $W/host/new; mkdir $W/host/d", "", "[ $(stat -c %a $W/host/new $W/host/d | tr '\\n' ' ' | tr -d ' ') = 600700 ]"},
		{"addpredict", "addpredict $W/host; echo x > $W/host/new; echo x > $W/host/file || true", "", "[ ! -e $W/host/new ]"},
		{"adddeny", "adddeny $W/granted/file; addwrite /; echo x > $W/host/new; adddeny $W/host/file; echo x > $W/host/file", "openat host/file", "[ $(cat $W/host/file) = host ]"},
		{"variables", "SANDBOX_WRITE=$W/host mkdir $W/host/d; SANDBOX_PREDICT=$W/host mkdir $W/host/e; SANDBOX_ON=0 mkdir $W/host/f; mkdir $W/host/g", "mkdir host/g", "[ -d $W/host/d ] && [ ! -d $W/host/e ] && [ -d $W/host/f ]"},
		{"link under a grant", "addwrite $W/granted2; ln -s $W/host sub; addwrite $W/build; echo x > sub/file", "openat host/file", "[ $(cat $W/host/file) = host ]"},
		{"kernel settings", "echo 1 > /proc/sys/kernel/sysrq", "openat /proc/sys/kernel/sysrq", ""},
		{"mounts", "mount -t tmpfs none $W/build 2>/dev/null && touch mounted", "", "[ ! -e $W/build/mounted ]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			out, told, err := w.run(t, c.script)
			want := c.told
			if want == "openat /tmp/of-the-sandbox" && !strings.HasPrefix(w.dir, "/tmp/") {
				want = ""
			}
			if got := strings.Join(told, ","); got != want {
				t.Errorf("violations %q, want %q (%v)\n%s", got, want, err, out)
			}
			check := exec.Command("bash", "-c", c.check)
			check.Env = append(os.Environ(), "W="+w.dir)
			if text, err := check.CombinedOutput(); err != nil {
				t.Errorf("afterwards %s: %v %s\n%s", c.check, err, text, out)
			}
		})
	}
}

// The error names the call, the path and the command, and holds what the
// command itself has ended with.
func TestError(t *testing.T) {
	needs(t)
	w := newWorld(t)
	cmd, err := sandbox.Command(t.Context(), w.options, bash(t), "-c", "mkdir \"$1/host/a\"; exit 3", "bash", w.dir)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	var told []string
	cmd.Denied = func(v sandbox.Violation) { told = append(told, v.String()) }
	err = cmd.Run()
	want := fmt.Sprintf("forbidden by the sandbox: mkdir %s/host/a (mkdir %s/host/a)", w.dir, w.dir)
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant %s", err, want)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("exit status in %v", err)
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], "mkdir ") {
		t.Errorf("told %q", told)
	}
}

// TestEscapes tries what is not a plain write.
func TestEscapes(t *testing.T) {
	needs(t)
	w := newWorld(t)
	pid := regexp.MustCompile("/proc/([2-9]|[1-9][0-9]+)/root")
	for script, want := range map[string]string{
		"echo x > /proc/1/mem":                                                  "openat /proc/1/mem",
		"echo x > /proc/$$/root$W/host/file":                                    "openat /proc/PID/roothost/file",
		"echo x > /proc/self/root$W/host/file":                                  "openat /proc/self/roothost/file",
		"ln -s /proc/self/root$W/host sub; echo x > sub/file":                   "", // held, but not told: what the link says depends on who asks
		"cd $W/host; echo x > file":                                             "openat host/file",
		"mkdir -p a/b; cd a/b; mv ../../a ../../c; echo x > ../../../host/file": "openat host/file",
		"unshare -rm true":                                                      "",
		"chroot . true":                                                         "",
		"umount /tmp; umount " + w.dir + "/build":                               "",
	} {
		out, told, _ := w.run(t, script)
		if got := pid.ReplaceAllString(strings.Join(told, ","), "/proc/PID/root"); got != want {
			t.Errorf("%s: violations %q, want %q\n%s", script, got, want, out)
		}
		if text, err := os.ReadFile(filepath.Join(w.dir, "host", "file")); err != nil || string(text) != "host\n" {
			t.Fatalf("%s: the file is now %q, %v", script, text, err)
		}
	}
}

// TestRace exchanges a folder and a link to the host while writing through them:
// whatever the judge has seen, the kernel holds.
func TestRace(t *testing.T) {
	needs(t)
	w := newWorld(t)
	script := `mkdir real; ln -s $W/host bad
(for ((i = 0; i < 300; i++)); do rm -f sub; ln -s real sub; rm -f sub; ln -s bad sub; done) &
while kill -0 $! 2>/dev/null; do for ((i = 0; i < 50; i++)); do echo x > sub/file; echo x > sub/new; done; done 2>/dev/null
wait`
	_, _, _ = w.run(t, script) // that it tried is likely, but chance
	text, err := os.ReadFile(filepath.Join(w.dir, "host", "file"))
	if err != nil || string(text) != "host\n" {
		t.Errorf("the file is now %q, %v", text, err)
	}
	if _, err := os.Lstat(filepath.Join(w.dir, "host", "new")); err == nil {
		t.Error("a file was made")
	}
}

func TestNetwork(t *testing.T) {
	needs(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("this machine has no loopback: ", err)
	}
	defer l.Close()
	script := fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%d && echo connected", l.Addr().(*net.TCPAddr).Port)
	for _, network := range []bool{false, true} {
		w := newWorld(t)
		w.options.Network = network
		if out, _, _ := w.run(t, script); strings.Contains(out, "connected") != network {
			t.Errorf("network %v: %s", network, out)
		}
	}
}

func TestProcessTree(t *testing.T) {
	needs(t)
	w := newWorld(t)
	start := time.Now()
	if out, _, err := w.run(t, "(trap '' HUP TERM; sleep 1000) & setsid sleep 1000 & disown -a; kill -0 $PPID && echo $PPID; exit 0"); err != nil || out != "1\n" {
		t.Errorf("%v: %s", err, out)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v: processes were left", took)
	}
	out, _, err := w.run(t, "kill -TERM $$; echo no")
	if got := fmt.Sprint(err); got != "exit status 143" || out != "" {
		t.Errorf("a phase that is killed: %v %s", err, out)
	}
}

// TestUserpriv needs root: the phase runs as another user, and so does what is
// done in its place.
func TestUserpriv(t *testing.T) {
	needs(t)
	if os.Getuid() != 0 {
		t.Skip("this is not root")
	}
	w := newWorld(t)
	for _, d := range []string{w.dir, filepath.Dir(w.dir), filepath.Join(w.dir, "build"), filepath.Join(w.dir, "host")} {
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(w.dir, "roots"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.options.User = &confine.User{UID: 65534, GID: 65534}
	out, told, err := w.run(t, "id -u; echo x > new; addwrite /; echo x > $W/host/new; mkdir $W/host/d; echo x > $W/roots/new; stat -c %u new $W/host/new $W/host/d")
	want := "roots/new: Permission denied\n65534\n65534\n65534\n"
	if !strings.HasSuffix(out, want) || !strings.HasPrefix(out, "65534\n") || told != nil || err != nil {
		t.Errorf("%q %v %v\nwant %q", out, told, err, want)
	}
}

func TestInstallAsRoot(t *testing.T) {
	needs(t)
	if os.Getuid() != 0 {
		t.Skip("this is not root")
	}
	w := newWorld(t)
	w.options.Install = true
	out, told, err := w.run(t, "echo x > new; chown 12:34 new; chmod 4755 new; mknod null c 1 3; stat -c %u:%g:%a new; [ -c null ] && echo device; echo x > null")
	if want := "12:34:4755\ndevice\n"; !strings.HasPrefix(out, want) || !strings.HasSuffix(out, "null: Permission denied\n") || told != nil {
		t.Errorf("%q %v %v\nwant %q", out, told, err, want)
	}
}

// TestUnprivileged runs the other tests as a user without privileges.
func TestUnprivileged(t *testing.T) {
	needs(t)
	if os.Getuid() != 0 {
		t.Skip("this is not root")
	}
	dir, err := os.MkdirTemp("", "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "sandbox.test")
	if err := os.WriteFile(program, text, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.v", "-test.timeout=5m")
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLog(t *testing.T) {
	e := &sandbox.Error{Violations: []sandbox.Violation{{Call: "mkdir", Given: "../x", Absolute: "/a/x", Resolved: "/b/x", Command: "mkdir ../x"}}}
	want := "VERSION 1.0\nFORMAT: F - Function called\nFORMAT: S - Access Status\nFORMAT: P - Path as passed to function\n" +
		"FORMAT: A - Absolute Path (not canonical)\nFORMAT: R - Canonical Path\nFORMAT: C - Command Line\n" +
		"\nF: mkdir\nS: deny\nP: ../x\nA: /a/x\nR: /b/x\nC: mkdir ../x\n"
	if got := e.Log(); got != want {
		t.Errorf("log %q\nwant %q", got, want)
	}
}

// TestFixed: only what was granted before counts.
func TestFixed(t *testing.T) {
	needs(t)
	w := newWorld(t)
	w.options.Fixed = true
	out, told, _ := w.run(t, "addwrite $W/host; addpredict $W/host; mkdir $W/host/a; SANDBOX_ON=0 mkdir $W/host/b; mkdir $W/later")
	if got := strings.Join(told, ","); got != "mkdir host/a,mkdir host/b" {
		t.Errorf("violations %q\n%s", got, out)
	}
}

// TestLoose: files are not guarded, the rest holds.
func TestLoose(t *testing.T) {
	needs(t)
	w := newWorld(t)
	w.options.Loose = true
	out, told, err := w.run(t, "echo x > $W/host/new; cat $W/host/new $W/denied/file; kill -0 $PPID && echo $PPID")
	if out != "x\ndenied\n1\n" || told != nil || err != nil {
		t.Errorf("%q %v %v", out, told, err)
	}
}

// TestSignals opens files that this process hands over, while it gets signals: one that
// came between would leave the phase with descriptor 0 instead.
func TestSignals(t *testing.T) {
	needs(t)
	w := newWorld(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			threads, _ := os.ReadDir("/proc/self/task") // none: no signals
			for _, thread := range threads {
				if tid, err := strconv.Atoi(thread.Name()); err == nil {
					_ = unix.Tgkill(os.Getpid(), tid, unix.SIGURG) // it may have ended
				}
			}
			time.Sleep(50 * time.Microsecond)
		}
	}()
	out, told, err := w.run(t, `addwrite $W/host; for i in {1..300}; do echo $i >| $W/host/new || exit 3; done; [ "$(<$W/host/new)" = 300 ]`)
	close(stop)
	<-stopped
	if err != nil || len(told) > 0 {
		t.Errorf("%v %q\n%s", err, told, out)
	}
}
