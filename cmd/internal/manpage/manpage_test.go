package manpage_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/cmd/internal/manpage"
)

const help = `usage: tumpline x [--all] A
       tumpline x --none

Show what 'x' does; a \ is a backslash.
.This line begins with a dot.

  --all     everything
            and more
  --none    nothing

Examples:
  tumpline x --all ~/a
`

func TestRoff(t *testing.T) {
	p := manpage.Page{Name: "tumpline-x", About: "do x", Help: help, Version: "1", Manual: "tumpline", SeeAlso: []string{"emerge", "tumpline"}}
	want := `.TH "TUMPLINE\-X" 1 "" "1" "tumpline"
.SH NAME
tumpline\-x \- do x
.SH SYNOPSIS
.nf
tumpline x [\-\-all] A
tumpline x \-\-none
.fi
.SH DESCRIPTION
.PP
Show what \(aqx\(aq does; a \e is a backslash.
\&.This line begins with a dot.
.PP
.nf
  \-\-all     everything
            and more
  \-\-none    nothing
.fi
.SH "EXAMPLES"
.PP
.nf
  tumpline x \-\-all \(ti/a
.fi
.SH SEE ALSO
.BR emerge (1),
.BR tumpline (1)
`
	if diff := cmp.Diff(want, p.Roff()); diff != "" {
		t.Error(diff)
	}
}

// FuzzRoff looks for texts that become instructions.
func FuzzRoff(f *testing.F) {
	f.Add(help)
	f.Add("usage: x\n.so /etc/passwd\n'so x\n\\fB")
	f.Fuzz(func(t *testing.T, help string) {
		p := manpage.Page{Name: "x", About: "y", Help: help}
		for l := range strings.SplitSeq(p.Roff(), "\n") {
			macro, _, _ := strings.Cut(l, " ")
			switch {
			case strings.HasPrefix(l, "'"):
				t.Errorf("an instruction: %q", l)
			case strings.HasPrefix(l, ".") && !strings.Contains(".TH .SH .nf .fi .PP .BR", macro):
				t.Errorf("an instruction: %q", l)
			}
		}
	})
}

// TestGroff has the formatter read a page.
func TestGroff(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("no groff to format a page with; its form is tested all the same")
	}
	cmd := exec.Command(groff, "-ww", "-man", "-Tutf8")
	cmd.Stdin = strings.NewReader((&manpage.Page{Name: "x", About: "y", Help: help}).Roff())
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "This line begins with a dot") {
		t.Errorf("%v: %s", err, out)
	}
}
