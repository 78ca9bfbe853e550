package emerge

// imply adds what options imply for each other before anything is resolved, in
// the order in which emerge does it. feature says if FEATURES of the target
// has a word.
func (l *Line) imply(feature func(word string) bool) {
	on := Value{Kind: KindTrue}
	set := func(when bool, names ...string) {
		for _, name := range names {
			if when {
				l.Options[name] = on
			}
		}
	}
	refused := l.Has("--getbinpkg") && !l.Yes("--getbinpkg")
	set(l.Has("--buildpkgonly"), "--buildpkg")
	set(feature("getbinpkg") && !refused, "--getbinpkg")
	set(l.Yes("--getbinpkgonly"), "--getbinpkg", "--usepkgonly")
	set(l.Yes("--getbinpkg") || l.Yes("--usepkgonly"), "--usepkg")
	set(l.Has("--fetch-all-uri"), "--fetchonly")
	set(l.Has("--skipfirst"), "--resume")
	if l.Has("--pretend") {
		delete(l.Options, "--ask")
	}
}
