package depcache

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// Keys with which an entry says what it was made from, and one that is made up
// from _eclasses_ where it is needed.
const (
	keyMD5       = "_md5_"
	keyMTime     = "_mtime_"
	keyEclasses  = "_eclasses_"
	keyInherited = "INHERITED"
)

// errUsed reports a list of eclasses that is not name, folder, state, ...
var errUsed = errors.New("expected eclass names, folders, and digests or times, separated by tabs")

// A used is an eclass as an entry names it. Its folder says nothing today.
type used struct {
	name  string
	state string // md5 digest, or modification time in an old entry
}

func parseUsed(text string) ([]used, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	words := strings.Split(text, "\t")
	if len(words)%3 != 0 {
		return nil, errUsed
	}
	list := make([]used, 0, len(words)/3)
	for i := 0; i < len(words); i += 3 {
		list = append(list, used{name: words[i], state: words[i+2]})
	}
	return list, nil
}

// fits says whether an entry was made from the ebuild and the eclasses as they
// are: by digests, else by modification times.
func (e *Ebuild) fits(raw *md5cache.Entry, eclasses []used) bool {
	if sum := raw.MD5(); sum != "" {
		return sum == e.MD5 && all(eclasses, func(u used) bool {
			digest, ok := e.Eclasses.MD5(u.name)
			return ok && digest == u.state
		})
	}
	return isTime(raw.Get(keyMTime), e.MTime) && all(eclasses, func(u used) bool {
		path, ok := e.Eclasses.Path(u.name)
		if !ok {
			return false
		}
		st, err := os.Stat(path)
		_, readable := e.Eclasses.MD5(u.name)
		return err == nil && readable && isTime(u.state, st.ModTime().Unix())
	})
}

// isTime says whether the text is that time.
func isTime(text string, seconds int64) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n == seconds
}

func all(list []used, ok func(used) bool) bool {
	for _, u := range list {
		if !ok(u) {
			return false
		}
	}
	return true
}
