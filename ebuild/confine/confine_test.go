package confine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/confine"
)

func TestMain(m *testing.M) {
	confine.Trampoline()
	if len(os.Args) > 2 && os.Args[1] == "attempt" {
		fmt.Println(attempt(os.Args[2:]))
		return
	}
	os.Exit(m.Run())
}

// needs skips a test that needs parts which this machine lacks.
func needs(t testing.TB, parts ...confine.Part) {
	t.Helper()
	for _, missing := range confine.Probe().Missing {
		for _, p := range parts {
			if missing.Part == p {
				t.Skip(missing)
			}
		}
	}
}

// everyPart are those that most tests need.
func everyPart() []confine.Part {
	var all []confine.Part
	for p := confine.PartUsers; p <= confine.PartLimits; p++ {
		all = append(all, p)
	}
	return all
}

func bash(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("bash")
	if err != nil {
		sharedtest.Lacking(t, fmt.Sprint("no bash: ", err))
	}
	return path
}

func libraries() []string { return []string{"/lib", "/lib64", "/usr/lib", "/usr/lib64"} }

// shellPolicy lets a shell run, and nothing else.
func shellPolicy(t testing.TB) confine.Policy {
	return confine.Policy{Exec: append(libraries(), bash(t)), OwnUsers: true}
}

// attemptPolicy lets the test binary run, and nothing else.
func attemptPolicy() confine.Policy {
	return confine.Policy{Exec: append(libraries(), self()), OwnUsers: true}
}

// run runs argv confined and returns what it prints, and its error.
func run(t testing.TB, p confine.Policy, argv ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd, err := confine.Command(ctx, p, argv...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out), err
}

// try makes an attempt under a policy and returns what becomes of it.
func try(t testing.TB, p confine.Policy, args ...string) string {
	t.Helper()
	out, err := run(t, p, append([]string{self(), "attempt"}, args...)...)
	if err != nil {
		return fmt.Sprintf("%v: %s", err, out)
	}
	return strings.TrimSpace(out)
}

// files makes a folder that everybody can enter, with files in it.
func files(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"given", "written", "other"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, d, "file"), []byte("text of "+d), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "other", "file"), filepath.Join(dir, "written", "link")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRuns(t *testing.T) {
	needs(t, everyPart()...)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(w, "from the pipe")
	w.Close()
	for _, init := range []bool{false, true} {
		p := shellPolicy(t)
		p.Init = init
		cmd, err := confine.Command(t.Context(), p, bash(t), "-c", `read -r line; echo $((6*7)) "$X" "$line" $$; exit 3`)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		cmd.Env = []string{"X=a\xffb"}
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Stdin = strings.NewReader("input\n")
		cmd.ExtraFiles = []*os.File{r}
		err = cmd.Run()
		if got, want := fmt.Sprint(err), "exit status 3"; got != want {
			t.Errorf("error %v, want %v", got, want)
		}
		want := "42 a\xffb input 1\n"
		if init {
			want = "42 a\xffb input " // and some number
		}
		if got := out.String(); !strings.HasPrefix(got, want) {
			t.Errorf("output %q, want %q", got, want)
		}
	}
}

// A fileCase is an attempt on files; %d stands for the folder of files.
type fileCase struct {
	try  string
	want []string // one of them
}

// fileCases are attempts that a policy refuses which lets given be read and
// written be written.
func fileCases() []fileCase {
	return []fileCase{
		{"read %d/given/file", []string{"ok text of given"}},
		{"list %d/given", []string{"ok file program"}},
		{"write %d/written/new", []string{"ok"}},
		{"write %d/written/file", []string{"ok"}},
		{"mkdir %d/written/folder", []string{"ok"}},
		{"rename %d/written/new %d/written/folder/new", []string{"ok"}},
		{"link %d/written/file %d/written/hard", []string{"ok"}},
		{"chmod %d/written/file", []string{"ok"}},
		{"utime %d/written/file", []string{"ok"}},
		{"remove %d/written/hard", []string{"ok"}},
		{"read %d/other/file", []string{"ENOENT", "EACCES"}},
		{"read %d/given/../other/file", []string{"ENOENT", "EACCES"}},
		{"read /etc/passwd", []string{"ENOENT", "EACCES"}},
		{"read %d/written/link", []string{"ENOENT", "EACCES"}},
		{"write %d/written/link", []string{"ENOENT", "EACCES", "EROFS"}},
		{"write %d/given/file", []string{"EROFS", "EACCES"}},
		{"write %d/given/new", []string{"EROFS", "EACCES"}},
		{"write %d/other/new", []string{"ENOENT", "EACCES"}},
		{"truncate %d/given/file", []string{"EROFS", "EACCES"}},
		{"remove %d/given/file", []string{"EROFS", "EACCES"}},
		{"mkdir %d/given/new", []string{"EROFS", "EACCES"}},
		{"mkdir /new", []string{"EROFS", "EACCES"}},
		{"mkdir /dev/new", []string{"EROFS", "EACCES"}},
		{"rename %d/given/file %d/written/stolen", []string{"EXDEV", "EROFS", "EACCES"}},
		{"rename %d/written/file %d/given/file", []string{"EXDEV", "EROFS", "EACCES"}},
		{"link %d/given/file %d/written/hard", []string{"EXDEV", "EACCES"}},
		{"symlink /etc %d/written/etc", []string{"ok"}},
		{"read %d/written/etc/passwd", []string{"ENOENT", "EACCES"}},
		{"symlink /proc/1/root %d/written/root", []string{"ok"}},
		{"read %d/written/root%d/other/file", []string{"ENOENT", "EACCES"}},
		{"write /dev/null", []string{"ok"}},
		{"read /dev/null", []string{"ok"}},
		{"exec %d/given/program", []string{"EACCES"}},
		{"exec %d/written/program", []string{"EACCES"}},
	}
}

func TestFiles(t *testing.T) {
	needs(t, everyPart()...)
	for _, one := range []struct {
		name   string
		policy func(confine.Policy) confine.Policy
	}{
		{"all parts", func(p confine.Policy) confine.Policy { return p }},
		{"Landlock alone", func(p confine.Policy) confine.Policy {
			return confine.Without(p, confine.PartMounts, confine.PartSeccomp)
		}},
	} {
		t.Run(one.name, func(t *testing.T) {
			dir := files(t)
			for _, d := range []string{"given", "written"} {
				copyProgram(t, filepath.Join(dir, d, "program"))
			}
			p := attemptPolicy()
			p.Read = []string{filepath.Join(dir, "given")}
			p.Write = []string{filepath.Join(dir, "written")}
			for _, c := range fileCases() {
				text := strings.ReplaceAll(c.try, "%d", dir)
				got := try(t, one.policy(p), strings.Split(text, " ")...)
				if !oneOf(got, c.want) {
					t.Errorf("%s: %s, want %s", c.try, got, strings.Join(c.want, " or "))
				}
			}
			if got, err := os.ReadFile(filepath.Join(dir, "other", "file")); err != nil || string(got) != "text of other" {
				t.Errorf("the other file is now %q, %v", got, err)
			}
		})
	}
}

// TestMountsAlone sees what the view holds by itself: names, and all changes.
func TestMountsAlone(t *testing.T) {
	needs(t, everyPart()...)
	for _, whole := range []bool{false, true} {
		dir := files(t)
		p := attemptPolicy()
		if whole {
			p.Read = []string{"/"}
		}
		p.Write = []string{filepath.Join(dir, "written")}
		p = confine.Without(p, confine.PartLandlock, confine.PartSeccomp)
		want := "ENOENT"
		if whole {
			want = "EROFS"
		}
		for _, text := range []string{
			"write %d/other/file", "write %d/written/link", "chmod %d/other/file", "utime %d/other/file", "remove %d/other/file", "xattr %d/other/file", "chown %d/other/file",
		} {
			if got := try(t, p, strings.Split(strings.ReplaceAll(text, "%d", dir), " ")...); got != want {
				t.Errorf("whole %v: %s: %s, want %s", whole, text, got, want)
			}
		}
		if got := try(t, p, "write", filepath.Join(dir, "written", "new")); got != "ok" {
			t.Errorf("whole %v: write: %s", whole, got)
		}
	}
}

// Modes, owners and times are beyond Landlock: seccomp holds them where nothing may be written.
func TestSeccompHoldsMetadata(t *testing.T) {
	needs(t, everyPart()...)
	dir := files(t)
	p := attemptPolicy()
	p.Read = []string{dir}
	p = confine.Without(p, confine.PartMounts, confine.PartLandlock)
	for _, what := range []string{"chmod", "utime", "xattr", "chown"} {
		if got := try(t, p, what, filepath.Join(dir, "other", "file")); got != "EROFS" {
			t.Errorf("%s: %s, want EROFS", what, got)
		}
	}
}

func TestNetwork(t *testing.T) {
	needs(t, everyPart()...)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("this machine has no loopback: ", err)
	}
	defer tcp.Close()
	abstract := "@tumpline-test-" + strconv.Itoa(os.Getpid())
	local, err := net.Listen("unix", abstract)
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	dir := files(t)
	named := filepath.Join(dir, "other", "socket")
	unixNamed, err := net.Listen("unix", named)
	if err != nil {
		t.Fatal(err)
	}
	defer unixNamed.Close()

	for _, c := range []struct {
		network confine.Network
		without []confine.Part
		try     []string
		want    string // part of the answer
	}{
		{confine.NetNone, nil, []string{"socket", strconv.Itoa(unix.AF_UNIX)}, "EACCES"},
		{confine.NetNone, nil, []string{"socket", strconv.Itoa(unix.AF_INET)}, "EACCES"},
		{confine.NetNone, nil, []string{"connect", "tcp", tcp.Addr().String()}, "EACCES"},
		{confine.NetNone, []confine.Part{confine.PartSeccomp}, []string{"connect", "tcp", tcp.Addr().String()}, "EACCES"}, // Landlock
		{confine.NetNone, []confine.Part{confine.PartSeccomp, confine.PartLandlock}, []string{"connect", "tcp", tcp.Addr().String()}, "ENETUNREACH"},
		{confine.NetNone, []confine.Part{confine.PartSeccomp, confine.PartNetwork}, []string{"connect", "unix", abstract}, "EPERM"}, // Landlock
		{confine.NetNone, []confine.Part{confine.PartSeccomp, confine.PartLandlock}, []string{"connect", "unix", abstract}, "ECONNREFUSED"},
		{confine.NetNone, []confine.Part{confine.PartSeccomp, confine.PartLandlock}, []string{"connect", "unix", named}, "ENOENT"},
		{confine.NetLoopback, nil, []string{"connect", "tcp", tcp.Addr().String()}, "ECONNREFUSED"},
		{confine.NetLoopback, nil, []string{"connect", "unix", abstract}, "ECONNREFUSED"},
		{confine.NetLoopback, nil, []string{"listen"}, "ok"},
		{confine.NetLoopback, nil, []string{"socket", strconv.Itoa(unix.AF_ALG)}, "EAFNOSUPPORT"},
		{confine.NetLoopback, nil, []string{"socket", strconv.Itoa(unix.AF_VSOCK)}, "EAFNOSUPPORT"},
		{confine.NetHost, nil, []string{"connect", "tcp", tcp.Addr().String()}, "ok"},
		{confine.NetHost, nil, []string{"connect", "unix", abstract}, "EPERM"}, // Landlock
		{confine.NetHost, nil, []string{"socket", strconv.Itoa(unix.AF_PACKET)}, "EAFNOSUPPORT"},
	} {
		p := attemptPolicy()
		p.Network = c.network
		if got := try(t, confine.Without(p, c.without...), c.try...); got != c.want {
			t.Errorf("network %s without %v: %v: %s, want %s", c.network, c.without, c.try, got, c.want)
		}
	}
}

func TestProcesses(t *testing.T) {
	needs(t, everyPart()...)
	us := strconv.Itoa(os.Getpid())
	seccomp := []confine.Part{confine.PartSeccomp}
	for _, c := range []struct {
		without []confine.Part
		try     []string
		want    string
	}{
		{nil, []string{"kill", us}, "ESRCH"},
		{nil, []string{"ptrace", us}, "EPERM"},
		{nil, []string{"memory of", us}, "EPERM"},
		{seccomp, []string{"ptrace", us}, "ESRCH"},
		{[]confine.Part{confine.PartPIDs}, []string{"kill", us}, "EPERM"}, // Landlock
		{[]confine.Part{confine.PartPIDs, confine.PartSeccomp, confine.PartMounts}, []string{"ptrace", us}, "EPERM"},
		{[]confine.Part{confine.PartPIDs, confine.PartSeccomp, confine.PartMounts}, []string{"memory of", us}, "EPERM"},
		{[]confine.Part{confine.PartPIDs, confine.PartMounts}, []string{"read", "/proc/" + us + "/environ"}, "EACCES"},
		{[]confine.Part{confine.PartLandlock}, []string{"list", "/proc"}, "ok 1 "},
		{nil, []string{"stat", "/proc/" + us}, "ENOENT"},
		{nil, []string{"status", "NoNewPrivs"}, "EACCES"}, // /proc is for links to descriptors only
	} {
		if got := try(t, confine.Without(attemptPolicy(), c.without...), c.try...); got != c.want && !strings.HasPrefix(c.want, "ok ") || !strings.HasPrefix(got, c.want) {
			t.Errorf("without %v: %v: %s, want %s", c.without, c.try, got, c.want)
		}
	}
}

// The first process is not wholly bound by the policy, so it is out of reach.
func TestInitIsOutOfReach(t *testing.T) {
	needs(t, everyPart()...)
	p := attemptPolicy()
	p.Init, p.Trace, p.Write = true, true, []string{"/"}
	for _, parts := range [][]confine.Part{nil, {confine.PartLandlock, confine.PartSeccomp}} {
		for attempt, want := range map[string]string{
			"write /proc/1/mem": "EACCES", "read /proc/1/environ": "EACCES", "ptrace 1": "EPERM", "memory of 1": "EPERM",
		} {
			args := strings.Split(attempt, " ")
			if args[0] == "memory" {
				args = []string{"memory of", "1"}
			}
			if got := try(t, confine.Without(p, parts...), args...); got != want && got != "ENOENT" && got != "EPERM" {
				t.Errorf("without %v: %s: %s, want %s", parts, attempt, got, want)
			}
		}
	}
}

func TestPrivileges(t *testing.T) {
	needs(t, everyPart()...)
	nobody := &confine.User{UID: 65534, GID: 65534}
	root := os.Getuid() == 0
	for _, users := range []bool{true, false} {
		p := attemptPolicy()
		p.Read, p.OwnUsers = []string{"/proc"}, users
		for field, want := range map[string]string{
			"NoNewPrivs": "1", "CapEff": "0000000000000000", "CapPrm": "0000000000000000", "CapBnd": "0000000000000000", "CapAmb": "0000000000000000", "Seccomp": "2",
		} {
			if got := try(t, p, "status", field); got != "ok "+want {
				t.Errorf("%s: %s, want %s", field, got, want)
			}
		}
		if !root {
			continue
		}
		p.User = nobody
		if got := try(t, p, "user"); got != "ok 65534 65534" {
			t.Errorf("user: %s", got)
		}
		secret := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(secret, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
		p.Read = []string{secret, "/proc"}
		if got := try(t, p, "read", secret); got != "EACCES" {
			t.Errorf("read of root's file: %s", got)
		}
		p.Capabilities = []confine.Capability{unix.CAP_DAC_READ_SEARCH}
		if got := try(t, p, "read", secret); got != "ok text" {
			t.Errorf("read of root's file with the capability: %s", got)
		}
		if got := try(t, p, "status", "CapEff"); got != "ok 0000000000000004" {
			t.Errorf("capabilities: %s", got)
		}
	}
}

func TestKernelSurface(t *testing.T) {
	needs(t, everyPart()...)
	for call, want := range map[string]string{
		"unshare": "EPERM", "clone": "EPERM", "clone3": "ENOSYS", "mount /dev": "EPERM", "bpf": "EPERM", "keyctl": "EPERM", "module": "EPERM",
		"kexec": "EPERM", "io_uring": "ENOSYS", "tiocsti": "EPERM", "listener": "EPERM", "name": "ok localhost", "dir": "ok /", "env": "ok",
	} {
		if got := try(t, attemptPolicy(), strings.Split(call, " ")...); got != want {
			t.Errorf("%s: %s, want %s", call, got, want)
		}
	}
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, unix.IPC_CREAT|0o666)
	if err != nil {
		t.Skip("no System V shared memory: ", err)
	}
	defer unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	if got := try(t, attemptPolicy(), "sysv", strconv.Itoa(id)); got != "EINVAL" && got != "EIDRM" {
		t.Errorf("shared memory of another namespace: %s", got)
	}
}

func TestDescriptors(t *testing.T) {
	needs(t, everyPart()...)
	// One that every child inherits, as a careless caller of this program leaves them.
	const leaked = 77
	if err := unix.Dup2(2, leaked); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(leaked)
	for _, init := range []bool{false, true} {
		p := attemptPolicy()
		p.Init = init
		for fd, want := range map[int]string{2: "ok", 3: "EBADF", 4: "EBADF", leaked: "EBADF"} {
			if got := try(t, p, "descriptor", strconv.Itoa(fd)); got != want {
				t.Errorf("init %v: descriptor %d: %s, want %s", init, fd, got, want)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	needs(t, everyPart()...)
	for _, init := range []bool{false, true} {
		dir := files(t)
		p := attemptPolicy()
		p.Init = init
		p.Write = []string{filepath.Join(dir, "written")}
		p.Limits = confine.Limits{Memory: 4 << 30, FileSize: 1 << 20, OpenFiles: 64, CPU: time.Second}
		big := filepath.Join(dir, "written", "big")
		for _, c := range []struct{ try, want string }{
			{"map 1000000", "ok"},
			{"map 5000000000", "ENOMEM"},
			{"grow " + big + " 1000000", "ok"},
			{"grow " + big + " 2000000", "EFBIG"},
			{"open many", "EMFILE"},
		} {
			args := strings.Split(c.try, " ")
			if args[0] == "open" {
				args = []string{c.try}
			}
			if got := try(t, p, args...); got != c.want {
				t.Errorf("init %v: %s: %s, want %s", init, c.try, got, c.want)
			}
		}
		want := "signal: killed: "
		if init {
			want = "exit status 137: "
		}
		if got := try(t, p, "spin"); got != want {
			t.Errorf("init %v: spin: %s, want %s", init, got, want)
		}
	}
}

func TestForkBomb(t *testing.T) {
	needs(t, everyPart()...)
	p := shellPolicy(t)
	if os.Getuid() == 0 {
		p.User = &confine.User{UID: 65534, GID: 65534} // the kernel does not count root's
	}
	p.Limits.Processes = 20
	for _, script := range []string{
		`for ((i = 0; i < 50; i++)); do (echo $i >&3; while :; do read -t 1000 <> <(:); done) & done`,
		`bomb() { echo 1 >&3; bomb | bomb & }; bomb; while :; do read -t 1 <> <(:); done`,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		cmd, err := confine.Command(ctx, p, bash(t), "-c", script)
		if err != nil {
			t.Fatal(err)
		}
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.ExtraFiles = []*os.File{w}
		if err := cmd.Run(); err == nil {
			t.Error("it came to an end by itself")
		}
		w.Close()
		if err := r.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Errorf("a process is left: %v", err)
		}
		if n := strings.Count(string(text), "\n"); n < 2 || strings.HasPrefix(script, "for") && n > 20 {
			t.Errorf("%d processes under a limit of 20", n)
		}
	}
}

func TestLeftoverProcesses(t *testing.T) {
	needs(t, everyPart()...)
	for _, init := range []bool{false, true} {
		p := shellPolicy(t)
		p.Init = init
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd, err := confine.Command(t.Context(), p, bash(t), "-c", `( trap "" TERM HUP; ( while :; do read -t 1000 <> <(:); done ) & ) & disown -a; exit 0`)
		if err != nil {
			t.Fatal(err)
		}
		cmd.ExtraFiles = []*os.File{w} // open as long as one of them lives
		if err := cmd.Run(); err != nil {
			t.Error(err)
		}
		w.Close()
		expectEnd(t, r)
	}
}

// expectEnd fails the test unless nobody holds the pipe's other end any more.
func expectEnd(t *testing.T, r *os.File) {
	t.Helper()
	if err := r.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	if _, err := r.Read(b[:]); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a process is left: %v", err)
	}
}

func TestDeathOfTheParent(t *testing.T) {
	needs(t, everyPart()...)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(self(), "attempt", "parent", bash(t))
	parent.ExtraFiles = []*os.File{w}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	var line [7]byte
	if _, err := out.Read(line[:]); err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	expectEnd(t, r)
	_ = parent.Wait() // it was killed
}

func TestMissingParts(t *testing.T) {
	needs(t, everyPart()...)
	p := confine.Policy{Exec: []string{"/"}, OwnUsers: true, Network: confine.NetHost}
	p.Write = []string{"/dev"} // so that the probe may look at everything
	for _, c := range []struct{ try, want string }{
		{"probe", "confine: userns: make it: operation not permitted; without root no other namespace can be made"},
		{"nest", "confine: userns: make it: operation not permitted"},
		{"nest userns", "confine: pidns: make it: operation not permitted"},
		{"nest userns pidns mountns ipcns utsns", "ok ok "},
	} {
		if os.Getuid() == 0 {
			c.want = strings.ReplaceAll(c.want, "userns: ", "pidns: ")
		}
		got := try(t, p, strings.Split(c.try, " ")...)
		if c.try == "probe" {
			got = strings.TrimPrefix(got, "ok ")
			c.want = "confine: userns: make it: operation not permitted"
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s\nwant %s", c.try, got, c.want)
		}
	}
}

// TestNoProc: in a container that hides parts of /proc the kernel mounts no other
// one. If that may be missing, everything else holds.
func TestNoProc(t *testing.T) {
	needs(t, everyPart()...)
	if os.Getuid() != 0 {
		t.Skip("this is not root")
	}
	for _, tool := range []string{"unshare", "mount", "setpriv"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	dir := sharedFolder(t)
	program := filepath.Join(dir, "confine.test")
	copyProgram(t, program)
	for _, c := range []struct{ allow, try, want string }{
		{"", "user", "confine: proc: apply it: mount /proc: operation not permitted"},
		{"proc", "user", "65534 65534 proc"},
		{"proc", "read " + dir + "/file", "ENOENT"},
		{"proc", "write " + dir + "/file", "EROFS"},
	} {
		if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		script := `mount -t tmpfs none /proc/sys && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"`
		args := append([]string{"-m", "sh", "-c", script, "sh", program, "attempt", "inside", c.allow}, strings.Split(c.try, " ")...)
		out, err := exec.Command("unshare", args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("allowing %q: %s: %v %s\nwant %s", c.allow, c.try, err, out, c.want)
		}
	}
}

// sharedFolder makes a folder that every user can enter.
func sharedFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "confine")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestBadPolicies(t *testing.T) {
	for _, c := range []struct {
		policy confine.Policy
		argv   []string
		want   string
	}{
		{confine.Policy{Read: []string{"here"}}, []string{"/bin/sh"}, `confine: the path "here" is not absolute`},
		{confine.Policy{}, nil, `confine: the program [] has no absolute path`},
		{confine.Policy{}, []string{"sh"}, `confine: the program ["sh"] has no absolute path`},
	} {
		if _, err := confine.Command(t.Context(), c.policy, c.argv...); err == nil || err.Error() != c.want {
			t.Errorf("Command(%v, %q): %v, want %s", c.policy, c.argv, err, c.want)
		}
	}
	needs(t, everyPart()...)
	for program, want := range map[string]string{"/nowhere/program": "confine: execute /nowhere/program: no such file or directory"} {
		for _, init := range []bool{false, true} {
			p := attemptPolicy()
			p.Init = init
			cmd, err := confine.Command(t.Context(), p, program)
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Run(); err == nil || err.Error() != want {
				t.Errorf("init %v: Run: %v, want %s", init, err, want)
			}
		}
	}
}

// TestUnprivileged runs the other tests as a user without privileges.
func TestUnprivileged(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("this is not root")
	}
	dir := sharedFolder(t)
	program := filepath.Join(dir, "confine.test")
	copyProgram(t, program)
	cmd := exec.Command(program, "-test.v", "-test.timeout=5m")
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.Contains(line, "SKIP") {
			t.Log(line)
		}
	}
}

func copyProgram(t testing.TB, to string) {
	t.Helper()
	text, err := os.ReadFile(self())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o755); err != nil {
		t.Fatal(err)
	}
}

func oneOf(got string, want []string) bool {
	for _, w := range want {
		if got == w {
			return true
		}
	}
	return false
}

func BenchmarkStart(b *testing.B) {
	needs(b, everyPart()...)
	p := shellPolicy(b)
	for b.Loop() {
		if _, err := run(b, p, bash(b), "-c", "exit 0"); err != nil {
			b.Fatal(err)
		}
	}
}
