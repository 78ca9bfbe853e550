package md5cache

import (
	"maps"
	"slices"
	"strings"
)

// Make makes an entry as Portage writes it: of values, the eclasses in any order
// and repeatedly, and the digest of the ebuild.
func Make(values map[string]string, eclasses []Eclass, md5 string) (*Entry, error) {
	values = maps.Clone(values)
	values[keyMD5] = md5
	values[keyEclasses] = joinEclasses(eclasses)
	return New(values)
}

func joinEclasses(list []Eclass) string {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Eclass) int { return strings.Compare(a.Name, b.Name) })
	list = slices.Compact(list)
	var words []string
	for _, e := range list {
		words = append(words, e.Name, e.MD5)
	}
	return strings.Join(words, "\t")
}
