package board

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

// tools lists the tools that have wrappers; those that change a root are true.
func tools() map[string]bool {
	return map[string]bool{
		"emerge": true, "ebuild": true, "eclean": true, "emaint": true, "glsa-check": true,
		"equery": false, "portageq": false, "qcheck": false, "qfile": false, "qlist": false,
		"tumpline": false,
	}
}

// marker begins the line in which a wrapper tells whose it is.
const marker = "# tumpline board "

// A mark is what stands behind it.
type mark struct {
	Name string `json:"name"`
	Root string `json:"root"`
}

// head is how each wrapper begins: it goes no further if the root is gone.
func (m mark) head(command string) string {
	text, _ := json.Marshal(m) // two strings
	return "#!/bin/sh\n" + marker + string(text) + `
board_root=` + shellconf.Quote(m.Root) + `
if [ ! -d "$board_root" ]; then
	echo "` + command + `: the root of board ` + m.Name + ` is gone: $board_root" >&2
	echo "` + command + `: tumpline board setup ` + m.Name + ` ... makes it anew, tumpline board remove ` + m.Name + ` takes its commands away" >&2
	exit 1
fi
`
}

// tool is the wrapper of one tool.
func (m mark) tool(name, program string, changes bool) string {
	call := shellconf.Quote(program)
	if name != "tumpline" {
		call += " " + name
	}
	call += ` "$@"`
	text := m.head(name+"-"+m.Name) + `export PORTAGE_CONFIGROOT="$board_root"
export SYSROOT="${SYSROOT:-$board_root}"
export ROOT="$board_root"
`
	if changes {
		text += `if [ ! -w "$board_root" ] && command -v sudo >/dev/null; then
	exec sudo -E ` + call + `
fi
`
	}
	return text + "exec " + call + "\n"
}

// others are the wrappers beside those of tools, by path.
func (c *call) others(m mark, chost, scripts, qemu string) map[string]string {
	word := ""
	bind := ""
	if qemu != "" {
		word = shellconf.Quote(qemu) + " "
		bind = " --ro-bind " + shellconf.Quote(qemu) + " " + shellconf.Quote(qemu)
	}
	out := map[string]string{
		filepath.Join(c.binDir, "gdb-"+m.Name): m.head("gdb-"+m.Name) +
			"exec " + chost + `-gdb -iex "set sysroot $board_root" "$@"` + "\n",
		filepath.Join(c.binDir, "bwrap-"+m.Name): m.head("bwrap-"+m.Name) + `root=${1?the first argument is a root}
shift
exec bwrap --bind "$root" / --tmpfs /tmp --dev-bind /dev /dev --proc /proc --bind /sys /sys` + bind + ` -- "$@"
`,
		filepath.Join(c.sbinDir, "ldconfig-"+m.Name): m.head("ldconfig-"+m.Name) +
			"exec " + word + `"$board_root/sbin/ldconfig" -r "$board_root" "$@"` + "\n",
	}
	if scripts != "" {
		out[filepath.Join(c.binDir, "flatcar_workon-"+m.Name)] = m.head("flatcar_workon-"+m.Name) +
			"exec " + shellconf.Quote(filepath.Join(scripts, "flatcar_workon")) + " --board " + m.Name + ` "$@"` + "\n"
	}
	return out
}

// readMark reads whose a wrapper is. Wrappers that setup_board of Flatcar has
// written tell it by what they export.
func readMark(path string) (mark, bool) {
	text, err := os.ReadFile(path)
	if err != nil || len(text) > 1<<16 {
		return mark{}, false
	}
	return parseMark(filepath.Base(path), text)
}

// parseMark is readMark for the text of a file called name.
func parseMark(name string, text []byte) (mark, bool) {
	if !strings.HasPrefix(string(text), "#!") {
		return mark{}, false
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, marker); ok {
			var m mark
			err := json.Unmarshal([]byte(rest), &m)
			return m, err == nil && checkName(m.Name) == nil && filepath.IsAbs(m.Root)
		}
	}
	exported := regexp.MustCompile(`(?m)^export ROOT="(/[^"$]*)"$`).FindSubmatch(text)
	if exported == nil || !strings.Contains(string(text), "\nexport PORTAGE_CONFIGROOT=") {
		return mark{}, false
	}
	for tool := range tools() {
		if board, ok := strings.CutPrefix(name, tool+"-"); ok && checkName(board) == nil {
			return mark{Name: board, Root: filepath.Clean(string(exported[1]))}, true
		}
	}
	return mark{}, false
}

// found lists the boards by name: a board is what its emerge-BOARD says.
func (c *call) found() ([]mark, error) {
	entries, err := os.ReadDir(c.binDir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for boards: %w", err)
	}
	var out []mark
	for _, e := range entries {
		if name, ok := strings.CutPrefix(e.Name(), "emerge-"); ok && e.Type().IsRegular() {
			if m, ok := readMark(filepath.Join(c.binDir, e.Name())); ok && m.Name == name {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// wrappersOf lists the files that are wrappers of a board, sorted. Those of
// Flatcar's that export nothing name the root or the board.
func (c *call) wrappersOf(m mark) []string {
	var out []string
	for _, dir := range slices.Compact([]string{c.binDir, c.sbinDir}) {
		entries, _ := os.ReadDir(dir) // a folder that cannot be read has none
		for _, e := range entries {
			tool, ok := strings.CutSuffix(e.Name(), "-"+m.Name)
			if !ok || !e.Type().IsRegular() {
				continue
			}
			path := filepath.Join(dir, e.Name())
			own, ok := readMark(path)
			if ok && own == m || !ok && slices.Contains([]string{"bwrap", "flatcar_workon", "gdb", "ldconfig"}, tool) && names(path, m) {
				out = append(out, path)
			}
		}
	}
	slices.Sort(out)
	return out
}

// names says if a script names the root of a board, or the board.
func names(path string, m mark) bool {
	text, err := os.ReadFile(path)
	return err == nil && strings.HasPrefix(string(text), "#!") &&
		(strings.Contains(string(text), m.Root) || strings.Contains(string(text), " --board "+m.Name+" ") || strings.HasPrefix(filepath.Base(path), "bwrap-"))
}
