package emerge

// requestOptions say what is wanted and where.
func requestOptions() []Option {
	return []Option{
		{Long: "--pretend", Support: Done, Note: "show the plan, merge nothing"},
		{Long: "--update", Support: Done, Note: "take the best version of the arguments"},
		{Long: "--update-if-installed", Support: Done, Note: "like --update, leaving out arguments that are not installed"},
		{Long: "--oneshot", Support: Done, Note: "leave the world file alone"},
		{Long: "--select", Short: "-w", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "add the arguments to the world file; the opposite of --oneshot"},
		{Long: "--noreplace", Support: Done, Note: "leave installed arguments alone"},
		{Long: "--selective", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "like --noreplace; n undoes what implies it"},
		{Long: "--emptytree", Support: Done, Note: "plan as if nothing were installed"},
		{Long: "--nodeps", Support: Done, Note: "leave dependencies out"},
		{Long: "--onlydeps", Support: Done, Note: "plan the dependencies of the arguments, not the arguments"},
		{Long: "--onlydeps-with-ideps", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Support: Done, Note: "whether --onlydeps covers IDEPEND"},
		{Long: "--onlydeps-with-rdeps", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Support: Done, Note: "whether --onlydeps covers RDEPEND and PDEPEND"},
		{Long: "--exclude", Short: "-X", Takes: TakesList, Support: Done, Note: "never merge these packages"},
		{Long: "--root", Takes: TakesWord, Support: Done, Note: "where packages are merged to (ROOT)"},
		{Long: "--config-root", Takes: TakesWord, Support: Done, Note: "where etc/portage is (PORTAGE_CONFIGROOT)"},
		{Long: "--sysroot", Takes: TakesWord, Support: Done, Note: "where DEPEND is looked for (SYSROOT): / or the root"},
		{Long: "--prefix", Takes: TakesWord, Support: Done, Note: "the offset prefix (EPREFIX)"},
		{Long: "--ignore-default-opts", Support: Done, Note: "leave EMERGE_DEFAULT_OPTS out"},
		{Long: "--accept-properties", Takes: TakesWord, Support: Done, Note: "ACCEPT_PROPERTIES for this run"},
		{Long: "--accept-restrict", Takes: TakesWord, Support: Done, Note: "ACCEPT_RESTRICT for this run"},
		{Long: "--package-moves", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "apply package moves"},
		{Long: "--resume", Support: Done, Note: "go on with the last merge list"},
		{Long: "--skipfirst", Support: Done, Note: "go on after the first package of it"},
	}
}

// reachOptions say which packages take part beside the arguments.
func reachOptions() []Option {
	return []Option{
		{Long: "--deep", Short: "-D", Takes: TakesWord, Words: WordsClusteredInt, Becomes: BecomesDepth, Support: Done, Note: "how deep dependencies of installed packages are followed"},
		{Long: "--with-bdeps", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "whether build-time dependencies of installed packages count"},
		{Long: "--with-bdeps-auto", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "whether --with-bdeps is on by default"},
		{Long: "--with-test-deps", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "include what the arguments' tests need"},
		{Long: "--root-deps", Takes: TakesWord, Words: WordsRDeps, Choices: "True rdeps", Becomes: BecomesTrueOrText, Support: Done, Note: "where build-time dependencies go"},
		{Long: "--complete-graph", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "account for every installed package"},
		{Long: "--complete-graph-if-new-use", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "the same when USE of an installed package changes"},
		{Long: "--complete-graph-if-new-ver", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "the same when a version changes"},
		{Long: "--ignore-world", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "leave @world out of account"},
		{Long: "--implicit-system-deps", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "whether packages may need @system without saying so"},
		{Long: "--dynamic-deps", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "whether installed packages depend on what their ebuild says now"},
		{Long: "--ignore-built-slot-operator-deps", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "ignore the slots that := was built against"},
		{Long: "--ignore-soname-deps", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "ignore shared-library dependencies"},
		{Long: "--backtrack", Takes: TakesWord, Becomes: BecomesInteger, Support: Done, Note: "how many restarts the search may take (20)"},
	}
}

// rebuildOptions say what is merged again.
func rebuildOptions() []Option {
	return []Option{
		{Long: "--newuse", Support: Done, Note: "merge again what has other USE flags now"},
		{Long: "--changed-use", Support: Done, Note: "the same, but only where a flag is switched"},
		{Long: "--newrepo", Support: Done, Note: "merge again what comes from another repository now"},
		{Long: "--reinstall", Takes: TakesWord, Choices: "changed-use", Support: Done, Note: "the long form of --changed-use"},
		{Long: "--reinstall-atoms", Takes: TakesList, Support: Done, Note: "treat these packages as not installed"},
		{Long: "--changed-deps", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesYN, Support: Done, Note: "merge again what has other dependencies now"},
		{Long: "--changed-deps-report", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesYN, Support: Done, Note: "report such packages"},
		{Long: "--changed-slot", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "merge again what has another slot now"},
		{Long: "--rebuild-if-new-slot", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesYN, Support: Done, Note: "rebuild for a newer slot of a := dependency"},
		{Long: "--rebuild-if-new-rev", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "rebuild when a dependency has a new version or revision"},
		{Long: "--rebuild-if-new-ver", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "rebuild when a dependency has a new version"},
		{Long: "--rebuild-if-unbuilt", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "rebuild when a dependency is built"},
		{Long: "--rebuild-exclude", Takes: TakesList, Support: Done, Note: "never rebuild these"},
		{Long: "--rebuild-ignore", Takes: TakesList, Support: Done, Note: "never rebuild what depends on these"},
	}
}

// binaryOptions speak of binary packages.
func binaryOptions() []Option {
	return []Option{
		{Long: "--usepkg", Short: "-k", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueFalse, Support: Done, Note: "use binary packages"},
		{Long: "--usepkgonly", Short: "-K", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueFalse, Support: Done, Note: "use only binary packages"},
		{Long: "--usepkg-exclude", Takes: TakesList, Support: Done, Note: "no binary packages of these"},
		{Long: "--usepkg-include", Takes: TakesList, Support: Done, Note: "binary packages of these only"},
		{Long: "--usepkg-exclude-live", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "no binary packages of live ebuilds"},
		{Long: "--useoldpkg-atoms", Takes: TakesList, Support: Done, Note: "prefer binary packages of these to newer ebuilds"},
		{Long: "--use-ebuild-visibility", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "judge binary packages by their ebuild"},
		{Long: "--getbinpkg", Short: "-g", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueFalse, Support: Done, Note: "use binary packages of binhosts"},
		{Long: "--getbinpkgonly", Short: "-G", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueFalse, Support: Done, Note: "use binary packages of binhosts, no ebuilds"},
		{Long: "--getbinpkg-exclude", Takes: TakesList, Support: Done, Note: "do not fetch these"},
		{Long: "--getbinpkg-include", Takes: TakesList, Support: Done, Note: "fetch these only"},
		{Long: "--binpkg-respect-use", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesYN, Support: Done, Note: "binary packages must have the configured USE flags"},
		{Long: "--binpkg-changed-deps", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesYN, Support: Done, Note: "binary packages must have their ebuild's dependencies"},
		{Long: "--rebuilt-binaries", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "take binary packages that were built again"},
		{Long: "--rebuilt-binaries-timestamp", Takes: TakesWord, Becomes: BecomesTime, Support: Done, Note: "those built later than this"},
		{Long: "--nobindeps", Support: Done, Note: "binary packages for the arguments only"},
		{Long: "--quickpkg-direct", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "with --usepkg: use what another root has installed as binary packages"},
		{Long: "--quickpkg-direct-root", Takes: TakesWord, Support: Done, Note: "the root for that, if it is not that of the machine that builds"},
		{Long: "--buildpkg", Short: "-b", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "make binary packages"},
		{Long: "--buildpkg-exclude", Takes: TakesList, Support: Done, Note: "make none of these"},
		{Long: "--buildpkgonly", Support: Done, Note: "make binary packages, merge nothing"},
		{Long: "--pkg-format", Takes: TakesWord, Support: Done, Note: "the format of binary packages: gpkg, xpak"},
	}
}

// autounmaskOptions let the plan propose changes of the configuration.
func autounmaskOptions() []Option {
	return []Option{
		{Long: "--autounmask", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "propose changes of the configuration"},
		{Long: "--autounmask-backtrack", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "search on after proposing changes"},
		{Long: "--autounmask-continue", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "write the changes and go on"},
		{Long: "--autounmask-only", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "only propose changes"},
		{Long: "--autounmask-license", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "propose licences"},
		{Long: "--autounmask-unrestricted-atoms", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "write >= atoms"},
		{Long: "--autounmask-use", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "propose USE flags"},
		{Long: "--autounmask-keep-keywords", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "propose no keywords"},
		{Long: "--autounmask-keep-masks", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "propose no unmasking"},
		{Long: "--autounmask-write", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "write the changes"},
	}
}

// displayOptions say how the plan is shown.
func displayOptions() []Option {
	return []Option{
		{Long: "--verbose", Short: "-v", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "show repositories, USE flags, sizes, totals"},
		{Long: "--quiet", Short: "-q", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "show names only"},
		{Long: "--tree", Support: Done, Note: "show who needs whom"},
		{Long: "--unordered-display", Support: Done, Note: "with --tree: not in merge order"},
		{Long: "--columns", Support: Done, Note: "align names and versions"},
		{Long: "--color", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "whether to colour"},
		{Long: "--alphabetical", Support: Done, Note: "sort USE flags by name, enabled or not"},
		{Long: "--quiet-repo-display", Support: Done, Note: "show repositories as numbers"},
		{Long: "--verbose-conflicts", Support: Done, Note: "show every parent in conflicts"},
		{Long: "--verbose-missing-ebuilds", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Support: Done, Note: "report installed packages without an ebuild"},
		{Long: "--verbose-slot-rebuilds", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Support: Done, Note: "report what causes rebuilds"},
		{Long: "--misspell-suggestions", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "suggest the nearest names"},
		{Long: "--nospinner", Support: Inert, Note: "no spinner is drawn anyway"},
		{Long: "--debug", Short: "", Support: Done, Note: "tell on standard error how the answer came about"},
	}
}

// executionOptions act on what follows the plan.
func executionOptions() []Option {
	return []Option{
		{Long: "--ask", Short: "-a", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "ask before anything is done"},
		{Long: "--ask-enter-invalid", Support: Done, Note: "an empty answer is no answer"},
		{Long: "--alert", Short: "-A", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "ring the bell with questions"},
		{Long: "--jobs", Short: "-j", Takes: TakesWord, Words: WordsClusteredIntYN, Becomes: BecomesJobs, Support: Done, Note: "how many packages are built at a time; without a number any"},
		{Long: "--jobs-tmpdir-require-free-gb", Takes: TakesWord, Words: WordsInteger, Becomes: BecomesRoom, Support: Inert, Note: "jobs start whatever room there is; a full disk fails the package that needs it"},
		{Long: "--load-average", Short: "-l", Takes: TakesWord, Words: WordsClusteredFloat, Becomes: BecomesLoad, Support: Done, Note: "start no further job at this load"},
		{Long: "--keep-going", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Done, Note: "after a failure go on with what does not need what failed"},
		{Long: "--quiet-build", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesYN, Support: Done, Note: "what builds print goes to their logs alone"},
		{Long: "--quiet-fail", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesYN, Support: Done, Note: "do not show the log of the only failure"},
		{Long: "--fail-clean", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "remove the build directory of what failed"},
		{Long: "--noconfmem", Support: Done, Note: "offer updates of configuration files that were turned down"},
		{Long: "--read-news", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrGone, Support: Inert, Note: "there is no news reader"},
		{Long: "--quiet-unmerge-warn", Support: Done, Note: "leave out the warning of --unmerge"},
		{Long: "--fetchonly", Support: Done, Note: "fetch, merge nothing"},
		{Long: "--fetch-all-uri", Support: Done, Note: "fetch everything an ebuild could need"},
		{Long: "--digest", Support: Inert, Note: "with --pretend a plan fetches nothing; a run refuses it"},
	}
}

// otherOptions belong to actions that are not merging.
func otherOptions() []Option {
	return []Option{
		{Long: "--depclean-lib-check", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "whether --depclean keeps libraries that are in use"},
		{Long: "--deselect", Short: "-W", Takes: TakesWord, Words: WordsClusteredYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "remove atoms from the world file"},
		{Long: "--searchdesc", Support: Done, Note: "search descriptions too"},
		{Long: "--fuzzy-search", Takes: TakesWord, Words: WordsYN, Choices: trueYesNo, Becomes: BecomesTrueOrText, Support: Done, Note: "--search finds similar names, too"},
		{Long: "--regex-search-auto", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "--search takes words with special characters for regular expressions"},
		{Long: "--search-index", Takes: TakesWord, Choices: yesNo, Support: Done, Note: "--search takes descriptions from metadata/pkg_desc_index"},
		{Long: "--search-similarity", Takes: TakesWord, Becomes: BecomesPercent, Support: Done, Note: "how similar names must be, in percent (80)"},
		{Long: "--sync-submodule", Takes: TakesList, Choices: "glsa news profiles", Support: Inert, Note: "of --sync"},
	}
}
