package render_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
)

// TestHeader covers every form of the first line.
func TestHeader(t *testing.T) {
	all := "\nThese are the packages that would be "
	tests := []struct {
		h    render.Header
		o    render.Options
		want string
	}{
		{render.Header{Pretend: true}, render.Options{}, all + "merged, in order:\n\n"},
		{render.Header{Ask: true}, render.Options{}, all + "merged, in order:\n\n"},
		{render.Header{}, render.Options{Verbose: true}, all + "merged, in order:\n\n"},
		{render.Header{}, render.Options{}, ""},
		{render.Header{Pretend: true}, render.Options{Quiet: true, Verbose: true}, ""},
		{render.Header{Pretend: true, BuildOnly: true}, render.Options{}, all + "built, in order:\n\n"},
		{render.Header{Pretend: true, FetchOnly: true, BuildOnly: true}, render.Options{}, all + "fetched, in order:\n\n"},
		{render.Header{}, render.Options{Tree: true}, all + "merged, in reverse order:\n\n"},
		{render.Header{}, render.Options{Tree: true, UnorderedTree: true}, all + "merged:\n\n"},
		{render.Header{FetchOnly: true}, render.Options{Tree: true}, all + "fetched, in order:\n\n"},
		{render.Header{Pretend: true}, render.Options{Theme: render.NewTheme()},
			"\n\x1b[32mThese are the packages that would be merged, in order:\x1b[39;49;00m\n\n"},
	}
	for _, tt := range tests {
		if got := tt.h.Text(tt.o); got != tt.want {
			t.Errorf("%+v %+v\n got %q\nwant %q", tt.h, tt.o, got, tt.want)
		}
	}
}

func TestTook(t *testing.T) {
	o := render.Options{}
	if got, want := o.Took(1754*time.Millisecond, 3, 20), "Dependency resolution took 1.75 s (backtrack: 3/20).\n\n"; got != want {
		t.Errorf("Took: %q, want %q", got, want)
	}
	o.Theme = render.NewTheme()
	if got, want := o.Took(0, -1, -1), "Dependency resolution took \x1b[32m0.00\x1b[39;49;00m s.\n\n"; got != want {
		t.Errorf("Took: %q, want %q", got, want)
	}
}

// TestMessages compares messages that no recorded world brings about with
// Portage's source.
func TestMessages(t *testing.T) {
	lib := &render.Package{CP: "app/lib", Version: "1", Slot: "0", Subslot: "0", Repo: "r", Origin: plan.OriginEbuild}
	conflict := func(p render.ConflictPackage) render.SlotConflicts {
		p.Package = lib
		return render.SlotConflicts{Unspecific: true, Conflicts: []render.SlotConflict{
			{Slot: render.SlotRef{Slot: "app/lib:0"}, Packages: []render.ConflictPackage{p}}}}
	}
	orphan := conflict(render.ConflictPackage{Orphan: true})
	content := conflict(render.ConflictPackage{Omitted: 1, Parents: []render.ConflictParent{{Parent: render.Parent{Text: "/x/lib-1.tbz2"}}}})
	soname := conflict(render.ConflictPackage{Parents: []render.ConflictParent{{
		Atom: render.AtomText{Text: "x86_64: libx.so.1", Soname: true}, Parent: render.Parent{Package: lib}}}})
	nobody := conflict(render.ConflictPackage{})
	const head = "\n!!! Multiple package instances within a single package slot have been pulled\n" +
		"!!! into the dependency graph, resulting in a slot conflict:\n\napp/lib:0\n\n" +
		"  (app/lib-1:0/0::r, ebuild scheduled for merge) USE=\"\" "
	const tail = "\n!!! Enabling --newuse and --update might solve this conflict.\n" +
		"!!! If not, it might help emerge to give a more specific suggestion.\n\n"
	tests := []struct {
		name, got, want string
	}{
		{"orphan", orphan.Text(render.Options{}), strings.TrimSuffix(head, " ") + " (no parents)\n\n" + tail},
		{"nobody", nobody.Text(render.Options{}), head + "pulled in by\n" +
			"    (no parents that aren't satisfied by other packages in this slot)\n\n" + tail},
		{"file", content.Text(render.Options{}), head + "pulled in by\n/x/lib-1.tbz2\n    (and 1 more with the same problem)\n\n" +
			"NOTE: Use the '--verbose-conflicts' option to display parents omitted above\n" + tail},
		{"soname", soname.Text(render.Options{}), head + "pulled in by\n" +
			"x86_64: libx.so.1 required by (app/lib-1:0/0::r, ebuild scheduled for merge) USE=\"\"\n\n" + tail},
		{"solutions", (&render.SlotConflicts{Solutions: [][]render.PackageChange{
			{{CPV: "a/b-1", Changes: []render.FlagChange{{Flag: "x", Enable: true}}}},
			{{CPV: "a/b-1", Changes: []render.FlagChange{{Flag: "y"}}}, {CPV: "a/c-1", Changes: []render.FlagChange{{Flag: "z"}}}},
		}}).Text(render.Options{})[len(head)-len("app/lib:0\n\n")-len("  (app/lib-1:0/0::r, ebuild scheduled for merge) USE=\"\" "):],
			"\nIt might be possible to solve these slot collisions\nby applying one of the following solutions:\n" +
				"  Solution: Apply all of:\n     - a/b-1 (Change USE: +x)\n\n  Solution: Apply all of:\n" +
				"     - a/b-1 (Change USE: -y)\n     - a/c-1 (Change USE: -z)\n\n"},
		{"invalid", render.InvalidAtom(">=app-shells/bash"),
			"!!! '>=app-shells/bash' is not a valid package atom.\n!!! Please check ebuild(5) for full details.\n"},
		{"conditional", render.ConditionalAtom("a[b?]"),
			"\n\n!!! 'a[b?]' contains a conditional which is not allowed.\n!!! Please check ebuild(5) for full details.\n"},
		{"set", render.UnknownSet("nope", []string{"world", "system"}, render.Options{}),
			"emerge: There are no sets to satisfy 'nope'. The following sets exist:\n\n    system\n    world\n\n"},
		{"unresolvable", render.Unresolvable("net-misc/curl", ""), "\n\n!!! Problem resolving dependencies for net-misc/curl\n"},
		{"unresolvable in set", render.Unresolvable("net-misc/curl", "@world"),
			"\n\n!!! Problem resolving dependencies for net-misc/curl from @world\n"},
		{"quickpkg", (&render.DepsNeeded{Quickpkg: true, Root: "/"}).Text(render.Options{}),
			"\n!!! --quickpkg-direct requires all dependencies to be merged for root '/'.\n" +
				"!!! Cannot merge requested packages. Merge deps and try again.\n\n"},
		{"no cycle", (&render.Circular{}).Text(render.Options{}), "\n * Error: circular dependencies:\n\n\n\n" +
			" * Note that circular dependencies can often be avoided by temporarily\n" +
			" * disabling USE flags that trigger optional dependencies.\n"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s\n got %q\nwant %q", tt.name, tt.got, tt.want)
		}
	}
}

// TestFetchHelp prints what pkg_nofetch says after the totals.
func TestFetchHelp(t *testing.T) {
	p := &render.Package{CP: "app/hand", Version: "1", Slot: "0", Subslot: "0", Repo: "r", Origin: plan.OriginEbuild, Status: plan.StatusNew,
		Fetch: plan.FetchMissing, FetchHelp: " * Get it.\n", Files: []render.File{{Name: "x", Bytes: 1}}}
	want := "[ebuild  N F   ] app/hand-1::r  1 KiB\n\nTotal: 1 package (1 new), Size of downloads: 1 KiB\n" +
		"Fetch Restriction: 1 package (1 unsatisfied)\n\nFetch instructions for app/hand-1:\n * Get it.\n"
	if got := render.List([]render.Item{p, p}[:1], nil, render.Options{Verbose: true}); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestThousands groups the digits of sizes.
func TestThousands(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0", 1: "1", 1024: "1", 1025: "2", 999 * 1024: "999", 1000 * 1024: "1,000",
		1234567 * 1024: "1,234,567", 1<<63 - 1: "9,007,199,254,740,992", -5: "0"} {
		p := &render.Package{CP: "a/b", Version: "1", Slot: "0", Subslot: "0", Origin: plan.OriginEbuild,
			Status: plan.StatusNew, Files: []render.File{{Name: "x", Bytes: bytes}}}
		got := render.List([]render.Item{p}, nil, render.Options{Verbose: true, Thousands: ","})
		if !strings.HasSuffix(got, "downloads: "+want+" KiB\n") {
			t.Errorf("%d bytes: %q, want %s KiB", bytes, got, want)
		}
	}
}

// corpusTail returns the recorded output of an answer from a text on.
func corpusTail(t *testing.T, id, from string) string {
	t.Helper()
	data, err := os.ReadFile(sharedtest.Path(t, "corpus", "flatcar", "answers", id+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	i := strings.Index(a.Output, from)
	if i < 0 {
		t.Fatalf("%s does not say %q", id, from)
	}
	return a.Output[i:]
}

// TestAmbiguous compares both forms with recorded ones.
func TestAmbiguous(t *testing.T) {
	a := &render.Ambiguous{Arg: "tar", Name: "tar", Packages: []render.SearchMatch{
		{CP: "app-alternatives/tar", Available: "0", Installed: "0", Homepage: "https://wiki.gentoo.org/wiki/Project:Base/Alternatives",
			Description: "Tar symlink", License: "CC0-1.0"},
		{CP: "app-arch/tar", Available: "1.35-r1", Installed: "1.35-r1", Size: 2263 * 1024, Homepage: "https://www.gnu.org/software/tar/",
			Description: "Use this to make tarballs :)", License: "GPL-3+"},
	}}
	out, err := a.Text(render.Options{})
	want := corpusTail(t, "amd64-usr-bad-ambiguous-tar", "\b\b  \n")
	if got := out + err; got != want {
		t.Errorf("tar:%s", diff("output", got, want))
	}
	out, err = a.Text(render.Options{Quiet: true})
	want = "\n\n!!! The short ebuild name \"tar\" is ambiguous. Please specify\n" +
		"!!! one of the following fully-qualified ebuild names instead:\n\n    app-alternatives/tar\n    app-arch/tar\n"
	if out != "" || err != want {
		t.Errorf("quiet: %q %q, want %q", out, err, want)
	}
	m := render.Ambiguous{Arg: "x", Name: "x", Packages: []render.SearchMatch{{CP: "a/x", Masked: true, NoFiles: true}}}
	out, _ = m.Text(render.Options{})
	want = "\b\b  \n[ Results for search key : x ]\n*  a/x [ Masked ]\n      Latest version installed: [ Not Installed ]\n" +
		"      Homepage:      \n      Description:   \n      License:       \n\n[ Applications found : 1 ]\n\n"
	if out != want {
		t.Errorf("masked: %q, want %q", out, want)
	}
}

// TestCorpusMessages builds the messages of recorded failures by hand.
func TestCorpusMessages(t *testing.T) {
	const root = "${BOARD_ROOT}/"
	tests := []struct {
		id, from string
		problems render.Problems
	}{
		{"amd64-usr-bad-unknown", "\nemerge: there are", render.Problems{Unsatisfied: []render.Unsatisfied{
			{What: "app-misc/does-not-exist", Root: root, Searched: true}}}},
		{"amd64-usr-bad-live", "\n!!! All ebuilds", render.Problems{Unsatisfied: []render.Unsatisfied{
			{What: "=net-misc/curl-9999", Root: root, Masked: []render.MaskedPackage{
				{CPV: "net-misc/curl-9999", Repo: "portage-stable", Reasons: []string{"missing keyword"}}}}}}},
		{"amd64-usr-bad-masked-autounmask-n", "\n!!! All ebuilds", render.Problems{Unsatisfied: []render.Unsatisfied{
			{What: ">=sys-boot/grub-2.14", Root: root, Masked: []render.MaskedPackage{
				{CPV: "sys-boot/grub-9999", Repo: "portage-stable", Reasons: []string{"package.mask", "missing keyword"},
					File: "${TREES}/coreos-overlay/profiles/coreos/base/package.mask",
					Comment: "# We are using RedHat patches for grub, so until they rebase them on\n" +
						"# top of 2.14, we are locked out of the update.\n"},
				{CPV: "sys-boot/grub-2.14-r5", Repo: "portage-stable", Reasons: []string{"package.mask"},
					File: "${TREES}/coreos-overlay/profiles/coreos/base/package.mask",
					Comment: "# We are using RedHat patches for grub, so until they rebase them on\n" +
						"# top of 2.14, we are locked out of the update.\n"}}}}}},
		{"amd64-usr-autounmask-use-n", "\nemerge: there are", render.Problems{Unsatisfied: []render.Unsatisfied{
			{What: "net-misc/curl[ldap]", Root: root, UseFixes: []render.UseFix{
				{CPV: "net-misc/curl-8.21.0-r1", Repo: "portage-stable", Changes: []render.FlagChange{{Flag: "ldap", Enable: true}}}}}}}},
		{"sdk-newuse", "\nWARNING: A requested", render.Problems{
			Provided: []render.Provided{{Arg: "net-mail/mailbase", From: "system"}},
			Unsatisfied: []render.Unsatisfied{{
				What: "dev-libs/icu:=[abi_x86_32(-)?,abi_x86_64(-)?,abi_x86_x32(-)?,abi_mips_n32(-)?,abi_mips_n64(-)?,abi_mips_o32(-)?,abi_s390_32(-)?,abi_s390_64(-)?]",
				Chain: []plan.Link{
					{Name: "net-fs/samba-4.24.4::portage-stable", Kind: plan.LinkEbuild},
					{Name: "sys-auth/sssd-2.13.1::portage-stable[samba]", Kind: plan.LinkEbuild},
					{Name: "sys-auth/pambase-20251104-r1::portage-stable[sssd]", Kind: plan.LinkEbuild},
					{Name: "sys-libs/pam-1.7.2::portage-stable", Kind: plan.LinkEbuild},
					{Name: "sys-apps/policycoreutils-3.11::coreos-overlay[pam]", Kind: plan.LinkEbuild},
					{Name: "sec-policy/selinux-sssd-2.20260312_p1::portage-stable", Kind: plan.LinkEbuild},
				}}}}},
		{"amd64-usr-bad-required-use", "\n!!! The ebuild selected", render.Problems{Unsatisfied: []render.Unsatisfied{
			{What: "net-misc/curl", Root: root, RequiredUse: requiredUseOfCorpus()}}}},
	}
	for _, tt := range tests {
		var b strings.Builder
		if err := render.Text(&b, &b, &render.Report{Problems: tt.problems}, render.Options{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		if want := corpusTail(t, tt.id, tt.from); b.String() != want {
			t.Errorf("%s:%s", tt.id, diff("output", b.String(), want))
		}
	}
}

func requiredUseOfCorpus() *render.RequiredUse {
	use := "adns alt-svc ftp gnutls hsts http2 httpsrr imap kerberos openssl pop3 psl smtp ssl telnet tftp curl_ssl_gnutls curl_ssl_openssl"
	off := "brotli debug ech gopher http3 idn ldap mbedtls quic rustls sasl-scram ssh static-libs test verify-sig websockets zstd curl_ssl_mbedtls curl_ssl_rustls abi_x86_32"
	p := &render.Package{CP: "net-misc/curl", Version: "8.21.0-r1", Repo: "portage-stable",
		Root:  &render.Root{Root: "/build/x/", Arch: "amd64", UseExpand: []string{"CURL_SSL", "ABI_X86"}, UseExpandHidden: []string{"ABI_X86"}},
		USE:   append(strings.Fields(use), "amd64"),
		IUSE:  strings.Fields(use + " " + off),
		Fixed: []string{"openssl", "ssl", "ech", "rustls", "curl_ssl_openssl", "curl_ssl_rustls"}}
	const ssl = "ssl? ( ^^ ( curl_ssl_gnutls curl_ssl_mbedtls curl_ssl_openssl curl_ssl_rustls ) )"
	return &render.RequiredUse{Package: p, Unsatisfied: ssl,
		Complete: "ech? ( || ( openssl rustls ) ) httpsrr? ( adns ) quic? ( ^^ ( openssl gnutls ) !mbedtls !rustls http3 ssl ) " + ssl +
			" curl_ssl_gnutls? ( gnutls ) curl_ssl_mbedtls? ( mbedtls ) curl_ssl_openssl? ( openssl ) curl_ssl_rustls? ( rustls ) http3? ( alt-svc httpsrr quic )"}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

// TestWriteErrors returns the error of either stream.
func TestWriteErrors(t *testing.T) {
	r := &render.Report{ShowList: true, List: []render.Item{}, Problems: render.Problems{SetErrors: []string{"x"}}}
	var ok strings.Builder
	if err := render.Text(failingWriter{}, &ok, r, render.Options{Verbose: true}); err != os.ErrClosed {
		t.Errorf("standard output: %v", err)
	}
	if err := render.Text(&ok, failingWriter{}, r, render.Options{Verbose: true}); err != os.ErrClosed {
		t.Errorf("standard error: %v", err)
	}
	if err := render.JSON(failingWriter{}, &plan.Plan{}); err == nil {
		t.Error("JSON: no error")
	}
}
