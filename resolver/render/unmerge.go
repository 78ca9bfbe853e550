package render

import "strings"

// A Message is a piece of text for one of the two streams. Messages of one
// call belong together in their order.
type Message struct {
	Text string
	Err  bool // for standard error
}

// A Selection is what emerge shows of packages that would be unmerged by name
// or are on the list of --depclean (O38, O39).
type Selection struct {
	Action    string // "unmerge", "clean", ...
	Root      string // ROOT with a slash at its end, if it is not "/"
	Announce  bool   // --pretend or --ask was given
	Missing   []string
	Found     bool // something was selected before packages were refused
	Global    bool // no argument was given
	Refused   []RefusedRemoval
	Listed    []ListedRemoval
	Groups    []RemovalGroup
	Selected  []string // cpvs, in the order of the groups
	WorldSets string   // the path of world_sets
	Unknown   []string // sets there that do not exist
}

// A RefusedRemoval is a package that is never unmerged from a running system.
type RefusedRemoval struct {
	CPV         string
	Interpreter bool // it holds the Python in use, else it is Portage
}

// A ListedRemoval is a package that goes although sets of the user hold it.
type ListedRemoval struct {
	CPV  string
	Sets []string
}

// A RemovalGroup is a block of the display: versions of one name.
type RemovalGroup struct {
	CP                           string
	Selected, Protected, Omitted []string // versions
	// System says that no version is left of a member of @system; Virtual is
	// the member if it is a virtual that the package provides.
	System  bool
	Virtual string
}

// Messages returns the display.
func (s *Selection) Messages(o Options) []Message {
	list := s.head(o)
	switch {
	case !s.Found && s.Global:
		return append(list, Message{Text: loud(o, "\n>>> No outdated packages were found on your system.\n")})
	case !s.Found:
		return append(list, Message{Text: loud(o, s.nothing())})
	}
	for _, r := range s.Refused {
		reason := "since there is no valid reason for Portage to " + s.Action + " itself."
		if r.Interpreter {
			reason = "since there is no valid reason for Portage to " + s.Action + " currently used Python interpreter."
		}
		list = append(list, Message{starred(o, "ERR", wrap("Not unmerging package "+r.CPV+" "+reason, 75)), true})
	}
	for _, name := range s.Unknown {
		list = append(list, Message{starred(o, "ERR", []string{"Unknown set '@" + name + "' in " + s.WorldSets}), true})
	}
	for _, l := range s.Listed {
		list = append(list, Message{Text: o.paint("WARN", "Package "+l.CPV+" is going to be unmerged,") + "\n" +
			o.paint("WARN", "but still listed in the following package sets:") + "\n    " + strings.Join(l.Sets, ", ") + "\n\n"})
	}
	if len(s.Selected) == 0 {
		return append(list, Message{Text: loud(o, s.nothing())})
	}
	for i := range s.Groups {
		list = append(list, s.Groups[i].messages(o)...)
	}
	return append(list, Message{Text: s.foot(o)})
}

func (s *Selection) nothing() string {
	return "\n>>> No packages selected for removal by " + s.Action + "\n"
}

// head returns what stands before the blocks.
func (s *Selection) head(o Options) []Message {
	text := ""
	if s.Root != "" {
		text = o.paint("darkgreen", "\n>>> Using system located in ROOT tree "+s.Root+"\n")
	}
	if s.Announce {
		text += o.paint("darkgreen", "\n>>> These are the packages that would be unmerged:\n")
	}
	list := []Message{{Text: loud(o, text)}}
	for _, a := range s.Missing {
		list = append(list, Message{"\n" + NotInstalled(a, s.Action), true})
	}
	return list
}

// foot returns what stands after the blocks. The order of the packages has no
// meaning; Portage's changes from run to run.
func (s *Selection) foot(o Options) string {
	text := "\nAll selected packages:"
	for _, cpv := range s.Selected {
		text += " =" + cpv
	}
	return text + "\n" + loud(o, "\n>>> "+o.paint("UNMERGE_WARN", "'Selected'")+" packages are slated for removal.\n"+
		">>> "+o.paint("GOOD", "'Protected'")+" and "+o.paint("GOOD", "'omitted'")+" packages will not be removed.\n\n")
}

func (g *RemovalGroup) messages(o Options) []Message {
	var list []Message
	if len(g.Selected) == 0 {
		return nil
	}
	if g.System {
		name := "'" + g.CP + "'"
		if g.Virtual != "" {
			name += " (" + g.Virtual + ")"
		}
		list = append(list, Message{o.paint("BAD", "\n\n!!! "+name+" is part of your system profile.\n") +
			o.paint("WARN", "!!! Unmerging it may be damaging to your system.\n\n"), true})
	}
	text := "\n " + o.paint("bold", g.CP) + "\n"
	if o.Quiet {
		text = o.paint("bold", g.CP) + ": "
	}
	for _, part := range [...]struct {
		title, style string
		versions     []string
	}{{"    selected: ", "UNMERGE_WARN", g.Selected}, {"   protected: ", "GOOD", g.Protected}, {"     omitted: ", "GOOD", g.Omitted}} {
		text += loud(o, part.title)
		for _, v := range part.versions {
			text += o.paint(part.style, v+" ")
		}
		if len(part.versions) == 0 {
			text += "none "
		}
		text += loud(o, "\n")
	}
	if o.Quiet {
		text += "\n"
	}
	return append(list, Message{Text: text})
}

// loud returns text unless --quiet was given.
func loud(o Options, text string) string {
	if o.Quiet {
		return ""
	}
	return text
}

// starred puts a coloured star before each line.
func starred(o Options, style string, lines []string) string {
	text := ""
	for _, l := range lines {
		text += o.paint(style, " * ") + l + "\n"
	}
	return text
}

// NotInstalled returns the line about an argument of a removal that matches
// nothing installed.
func NotInstalled(atom, action string) string {
	return "--- Couldn't find '" + strings.ReplaceAll(atom, "null/", "") + "' to " + action + ".\n"
}

// UnmergeWarning returns what emerge says before --unmerge.
func UnmergeWarning(o Options) string {
	return starred(o, "WARN", wrap("This action can remove important packages! In order to be safer, use "+
		"`emerge -pv --depclean <atom>` to check for reverse dependencies before removing packages.", 72))
}

// UnmergeWhat returns what emerge says about an action without the arguments
// that it must have.
func UnmergeWhat(action string, o Options) string {
	return "\n" + o.paint("bold", "emerge "+action) + " can only be used with specific package names\n\n"
}
