package install

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/merge/filecopy"
)

// options are options of install(1).
type options struct {
	mode         mode
	owner, group int // -1: as it comes
	preserve     bool
	foreign      []string // all words, if one of them is for install(1) only
}

// defaultOptions are those of install(1) without any.
func defaultOptions(bits uint32) options {
	return options{mode: mode{octal: true, bits: bits}, owner: -1, group: -1}
}

// parseOptions reads the words that insopts and its kin were given.
func parseOptions(text string) (options, error) {
	o := defaultOptions(0o755)
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		name, value, inline := cutOption(words[i])
		takes := name == "-m" || name == "-o" || name == "-g"
		if takes && !inline {
			if i++; i == len(words) {
				return o, fmt.Errorf("install option %s needs a value", name)
			}
			value = words[i]
		}
		var err error
		switch name {
		case "-m":
			o.mode, err = parseMode(value)
		case "-o":
			o.owner, err = userID(value)
		case "-g":
			o.group, err = groupID(value)
		case "-p":
			o.preserve = true
		default:
			o.foreign = words
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

// cutOption splits an option word into its short name and its value, if the value
// stands in the same word.
func cutOption(word string) (name, value string, inline bool) {
	long := map[string]string{"--mode": "-m", "--owner": "-o", "--group": "-g", "--preserve-timestamps": "-p"}
	if head, tail, ok := strings.Cut(word, "="); long[head] != "" {
		return long[head], tail, ok
	}
	if len(word) > 2 && (word[:2] == "-m" || word[:2] == "-o" || word[:2] == "-g") {
		return word[:2], word[2:], true
	}
	return word, "", false
}

func userID(name string) (int, error) {
	if n, err := strconv.Atoi(name); err == nil {
		return n, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return -1, fmt.Errorf("invalid user: %q", name)
	}
	return strconv.Atoi(u.Uid)
}

func groupID(name string) (int, error) {
	if n, err := strconv.Atoi(name); err == nil {
		return n, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return -1, fmt.Errorf("invalid group: %q", name)
	}
	return strconv.Atoi(g.Gid)
}

// folder makes a folder with its parents, as `install -d`: parents that are
// missing get 0755, the folder itself what the options say even if it was there.
func (o options) folder(path string) error {
	if o.foreign != nil {
		return runInstall(append([]string{"-d"}, append(o.foreign, "--", path)...))
	}
	if err := makeAll(path); err != nil {
		return err
	}
	return o.attributes(path, 0, true)
}

// makeAll makes a folder and its parents with 0755, whatever the umask.
func makeAll(path string) error {
	path = strings.TrimRight(path, "/")
	info, err := os.Stat(path)
	if err == nil && info.IsDir() || path == "" {
		return nil
	}
	if err == nil {
		return fmt.Errorf("make folder %s: %w", path, syscall.ENOTDIR)
	}
	if err := makeAll(filepath.Dir(path)); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o755); err != nil && !os.IsExist(err) {
		return err
	}
	return os.Chmod(path, 0o755)
}

// attributes sets owner, group and mode of what is at path. Owners come first:
// changing them clears setuid.
func (o options) attributes(path string, old uint32, isDir bool) error {
	if o.owner != -1 || o.group != -1 {
		if err := os.Chown(path, o.owner, o.group); err != nil {
			return err
		}
	}
	return syscall.Chmod(path, o.mode.apply(old, isDir))
}

// file copies one file into a folder or to a name, as install(1): an existing
// name is replaced, not written through; a link is followed.
func (c *command) file(o options, source, dest string) error {
	if o.foreign != nil {
		return runInstall(append(append([]string{}, o.foreign...), "--", source, dest))
	}
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() && !info.Mode().IsDir() {
		return runInstall([]string{"-m0600", "--", source, dest}) // fifos and devices: their content, as install(1)
	}
	if info.IsDir() {
		return fmt.Errorf("omitting directory %s", source)
	}
	if old, err := os.Lstat(dest); err == nil {
		if sameFile(info, old, source, dest) {
			return fmt.Errorf("%s and %s are the same file", source, dest)
		}
		if err := os.Remove(dest); err != nil {
			return err
		}
	}
	if err := copyNew(source, dest); err != nil {
		return err
	}
	if err := o.attributes(dest, 0, false); err != nil {
		return err
	}
	if c.feature("xattr") {
		if err := filecopy.Attributes(dest, source, strings.Fields(c.Var(VarXattr))); err != nil {
			return err
		}
	}
	if o.preserve {
		st := info.Sys().(*syscall.Stat_t)
		return syscall.UtimesNano(dest, []syscall.Timespec{st.Atim, st.Mtim})
	}
	return nil
}

// sameFile says whether replacing dest would lose source.
func sameFile(source, dest os.FileInfo, sourcePath, destPath string) bool {
	if dest.Mode()&os.ModeSymlink != 0 || !os.SameFile(source, dest) {
		return false
	}
	if dest.Sys().(*syscall.Stat_t).Nlink < 2 {
		return true
	}
	a, errA := filepath.EvalSymlinks(sourcePath)
	b, errB := filepath.EvalSymlinks(destPath)
	return errA != nil || errB != nil || a == b
}

// copyNew copies the content of a file to a name that does not exist.
func copyNew(source, dest string) (err error) {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(dest, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = filecopy.Content(out, in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}

// runInstall is for what only the program itself does.
func runInstall(args []string) error {
	out, err := exec.Command("install", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s", strings.TrimSpace(string(out)+"\ninstall: "+err.Error()))
	}
	return nil
}
