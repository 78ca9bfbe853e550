package board

import (
	"path/filepath"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, want := range map[string]bool{
		"amd64-usr": true, "b.2_x+y": true, "0": true,
		"": false, "a/b": false, "a b": false, "..": false, "a..b": false, ".a": false, "-a": false, "a\n": false, "\u00e9": false, "$x": false,
	} {
		if err := checkName(name); (err == nil) != want {
			t.Errorf("checkName(%q) = %v", name, err)
		}
	}
}

// What a wrapper tells is what it was made for, whatever the root is called.
func TestMark(t *testing.T) {
	for _, m := range []mark{{"b", "/build/b"}, {"amd64-usr", "/home/a b/it's"}} {
		for tool, changes := range tools() {
			got, ok := parseMark(tool+"-"+m.Name, []byte(m.tool(tool, "/usr/bin/tumpline", changes)))
			if !ok || got != m {
				t.Errorf("%s of %+v tells %+v, %v", tool, m, got, ok)
			}
		}
	}
	flatcar := "#!/bin/bash\n\nexport PORTAGE_CONFIGROOT=\"/build/x-y\"\nexport SYSROOT=\"${SYSROOT:-/build/x-y}\"\nexport ROOT=\"/build/x-y\"\nexec sudo -E glsa-check  \"$@\"\n"
	if got, ok := parseMark("glsa-check-x-y", []byte(flatcar)); !ok || got != (mark{"x-y", "/build/x-y"}) {
		t.Errorf("Flatcar's wrapper tells %+v, %v", got, ok)
	}
	for _, text := range []string{"", "#!/bin/sh\n", "#!/bin/sh\n" + marker + "{}\n", "#!/bin/sh\n" + marker + "nonsense\n"} {
		if got, ok := parseMark("emerge-x", []byte(text)); ok {
			t.Errorf("%q tells %+v", text, got)
		}
	}
}

func FuzzMark(f *testing.F) {
	f.Add("emerge-b", mark{"b", "/b"}.tool("emerge", "/p", true))
	f.Fuzz(func(t *testing.T, name, text string) {
		if m, ok := parseMark(name, []byte(text)); ok && (checkName(m.Name) != nil || !filepath.IsAbs(m.Root)) {
			t.Errorf("%q, %q tell %+v", name, text, m)
		}
	})
}
