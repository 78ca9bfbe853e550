package build

import (
	"os"
	"os/user"
	"strconv"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/imagefix"
	"github.com/tumpline/tumpline/merge/phase"
)

// launcher confines phases. Where root builds, most of them run as the user that
// the configuration names (FEATURES=userpriv), if there is one.
func launcher(s *session.Session) phase.Launcher {
	l := &phase.Sandboxed{}
	name := s.Target.Config.Get("PORTAGE_USERNAME")
	if name == "" {
		name = "portage"
	}
	if u, err := user.Lookup(name); err == nil {
		l.User = &confine.User{UID: uint32(number(u.Uid)), GID: uint32(number(u.Gid))}
	}
	return l
}

// owner is who owns the build directory: with userpriv the user who builds.
func owner(b *phase.Build) *phase.Owner {
	o := builder(b)
	if os.Geteuid() != 0 || o.UID == 0 || !b.Features["userpriv"] {
		return nil
	}
	return &phase.Owner{UID: o.UID, GID: o.GID}
}

// group is that of files that the package manager shares with its users; -1 if it
// is none that this process could give.
func group(b *phase.Build) int {
	name := b.Variables["PORTAGE_GRPNAME"]
	if name == "" {
		name = "portage"
	}
	g, err := user.LookupGroup(name)
	if err != nil || os.Geteuid() != 0 {
		return -1
	}
	return number(g.Gid)
}

func builder(b *phase.Build) imagefix.Owner {
	name := b.Variables["PORTAGE_USERNAME"]
	if name == "" {
		name = "portage"
	}
	u, err := user.Lookup(name)
	if err != nil {
		return imagefix.Owner{}
	}
	return imagefix.Owner{UID: number(u.Uid), GID: number(u.Gid)}
}

func installer(b *phase.Build) imagefix.Owner {
	return imagefix.Owner{UID: number(b.Variables["PORTAGE_INST_UID"]), GID: number(b.Variables["PORTAGE_INST_GID"])}
}

// number gives 0 for what is none.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
