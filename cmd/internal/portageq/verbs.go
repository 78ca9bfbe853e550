package portageq

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
)

// A verb is one question.
type verb struct {
	name  string
	form  string // its arguments
	about string
	kind  *answer.Kind // of the document; nil: the verb prints its own
	run   func(context.Context, *call) error

	eroot      bool // the first argument is a root
	configRoot bool // which is also where the configuration is
	least      int  // arguments behind the root
	exact      bool // and not more
	fewStatus  int  // the exit status if there are fewer
	fewOut     bool // and it is said on standard output
}

// verbs lists all questions by name.
func verbs() []verb {
	return []verb{
		{name: "all_best_visible", form: "ROOT", about: "the best visible version of every package", kind: Matches, run: allBestVisible, eroot: true, fewStatus: statusFew},
		{name: "available_eclasses", form: "ROOT REPO...", about: "the eclasses that a repository sees", kind: Eclasses, run: availableEclasses, eroot: true, least: 1, fewStatus: statusFewer},
		{name: "best_version", form: "ROOT ATOM", about: "the best installed version", kind: Matches, run: bestVersion, eroot: true, least: 1, fewStatus: statusFewer, fewOut: true},
		{name: "best_visible", form: "ROOT [ebuild|binary|installed] ATOM", about: "the best version that may be chosen", kind: Matches, run: bestVisible, eroot: true, least: 1, fewStatus: statusFew},
		{name: "colormap", about: "the colours of messages as variables for a shell", kind: Variables, run: colormap},
		{name: "config_protect", about: "CONFIG_PROTECT", kind: Variables, run: variable("CONFIG_PROTECT")},
		{name: "config_protect_mask", about: "CONFIG_PROTECT_MASK", kind: Variables, run: variable("CONFIG_PROTECT_MASK")},
		{name: "contents", form: "ROOT CATEGORY/PF", about: "the files of an installed package", kind: Owned, run: contents, eroot: true, least: 1, exact: true, fewStatus: statusFew, fewOut: true},
		{name: "distdir", about: "DISTDIR", kind: Variables, run: variable("DISTDIR")},
		{name: "eclass_path", form: "ROOT REPO ECLASS...", about: "where a repository finds eclasses", kind: Paths, run: eclassPath, eroot: true, least: 2, fewStatus: statusFewer},
		{name: "envvar", form: "[-v] NAME...", about: "variables of the configuration; NAME* is all that begin so; -v: for a shell", kind: Variables, run: envvar, least: 1, fewStatus: statusFew, fewOut: true},
		{name: "expand_virtual", form: "ROOT ATOM", about: "what an installed virtual package stands for", kind: Atoms, run: expandVirtual, eroot: true, least: 1, exact: true, fewStatus: statusFew},
		{name: "filter_protected", form: "ROOT", about: "those of the files on standard input that are protected", kind: Protection, run: filterProtected, eroot: true, exact: true, fewStatus: statusFew},
		{name: "gentoo_mirrors", about: "GENTOO_MIRRORS", kind: Variables, run: variable("GENTOO_MIRRORS")},
		{name: "get_repo_path", form: "ROOT REPO...", about: "where repositories are", kind: Repositories, run: getRepoPath, eroot: true, configRoot: true, least: 1, fewStatus: statusFewer},
		{name: "get_repos", form: "ROOT", about: "the names of all repositories, the strongest first", kind: Repositories, run: getRepos, eroot: true, configRoot: true, fewStatus: statusFew, fewOut: true},
		{name: "has_version", form: "ROOT ATOM", about: "whether something installed matches: exit status 0, else 1", kind: Matches, run: hasVersion, eroot: true, least: 1, fewStatus: statusFewer, fewOut: true},
		{name: "is_protected", form: "ROOT FILE", about: "whether a configuration file is protected: exit status 0, else 1", kind: Protection, run: isProtected, eroot: true, least: 1, exact: true, fewStatus: statusFew},
		{name: "jobs", form: "[--json]", about: "what running emerges do", run: jobs},
		{name: "license_path", form: "ROOT REPO LICENSE...", about: "where a repository finds licences", kind: Paths, run: licensePath, eroot: true, least: 2, fewStatus: statusFewer},
		{name: "list_preserved_libs", form: "ROOT", about: "libraries that were kept for others; exit status 1 if there are none", kind: Preserved, run: listPreservedLibs, eroot: true, exact: true, fewStatus: statusFew, fewOut: true},
		{name: "mass_best_version", form: "ROOT ATOM...", about: "the best installed version for each atom", kind: Matches, run: massBestVersion, eroot: true, least: 1, fewStatus: statusFew, fewOut: true},
		{name: "mass_best_visible", form: "ROOT [ebuild|binary|installed] ATOM...", about: "the best version that may be chosen for each atom", kind: Matches, run: massBestVisible, eroot: true, least: 1, fewStatus: statusFew, fewOut: true},
		{name: "master_repos", form: "ROOT REPO...", about: "the same as master_repositories", kind: Repositories, run: masterRepositories, eroot: true, configRoot: true, least: 1, fewStatus: statusFewer},
		{name: "master_repositories", form: "ROOT REPO...", about: "the masters of repositories", kind: Repositories, run: masterRepositories, eroot: true, configRoot: true, least: 1, fewStatus: statusFewer},
		{name: "match", form: "ROOT ATOM", about: "all installed packages that match; '' is all", kind: Matches, run: match, eroot: true, least: 1, exact: true, fewStatus: statusFew, fewOut: true},
		{name: "metadata", form: "ROOT ebuild|binary|installed CATEGORY/PF KEY...", about: "metadata of one package", kind: Metadata, run: metadata, eroot: true, least: 3, fewStatus: statusFew},
		{name: "owners", form: "ROOT FILE...", about: "which packages own files; a name without slashes is any file of that name", kind: Owned, run: owners, eroot: true, least: 1, fewStatus: statusFew},
		{name: "pkgdir", about: "PKGDIR", kind: Variables, run: variable("PKGDIR")},
		{name: "portdir", about: "PORTDIR; better: get_repo_path", kind: Variables, run: oldVariable("PORTDIR", "the get_repo_path command instead. eg: 'portageq get_repo_path / gentoo' instead.")},
		{name: "portdir_overlay", about: "PORTDIR_OVERLAY; better: repos_config", kind: Variables, run: oldVariable("PORTDIR_OVERLAY", "the get_repos and get_repo_path commands or the repos_config command instead. eg: 'portageq repos_config /'")},
		{name: "pquery", form: "[OPTION]... [ATOM]...", about: "the packages of the repositories that match; also without the word pquery", kind: Matches, run: pquery},
		{name: "repos_config", form: "ROOT", about: "the configuration of all repositories", kind: Repositories, run: reposConfig, eroot: true, configRoot: true, fewStatus: statusFewer},
		{name: "repositories_configuration", form: "ROOT", about: "the same as repos_config", kind: Repositories, run: reposConfig, eroot: true, configRoot: true, fewStatus: statusFewer},
		{name: "vdb_path", about: "where installed packages are recorded", kind: Variables, run: vdbPath},
	}
}

// find finds the verb that a command line begins with; nil if it does with none.
func find(words []string) *verb {
	if len(words) == 0 {
		return nil
	}
	all := verbs()
	for i := range all {
		if all[i].name == words[0] {
			return &all[i]
		}
	}
	return nil
}

// help prints how the program is called.
func help(w io.Writer) error {
	var b strings.Builder
	b.WriteString("usage: portageq COMMAND [ARGUMENT]...\n\ncommands (ROOT is the root that is asked about, such as / or /build/BOARD):\n\n")
	for _, v := range verbs() {
		fmt.Fprintf(&b, "  %s\n      %s\n", strings.TrimSpace(v.name+" "+v.form), v.about)
	}
	b.WriteString(`
options:

  -h, --help            print this
  --version             print the release of Portage whose answers these are
  --json                answer as a JSON document (tumpline schema lists the forms)
  --json-version RANGE  the same, if the form's version is in the range

options of pquery:

  --no-filters          masked packages too
  --repo NAME           in one repository
  --maintainer-email A  maintained by A: regular expressions, separated by commas
  --no-regex            A is an address as it is
  --orphaned            without a maintainer
  -n, --no-version      names of packages only

examples:

  portageq envvar -v CHOST ARCH
  portageq has_version / '>=app-shells/bash-5' && echo yes
  portageq best_visible / ebuild sys-devel/gcc
  portageq match / 'app-shells/*'
`)
	_, err := io.WriteString(w, b.String())
	return err
}
