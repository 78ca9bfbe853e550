package binpkg

import (
	"os/user"
	"strconv"

	"github.com/tumpline/tumpline/merge/binpkg/imagetar"
)

// OwnerNames gives files the names of their owners that this machine has, each asked
// for once: for WriteOptions.Attributes of one package after the other.
func OwnerNames() func(string, imagetar.Attributes) imagetar.Attributes {
	users, groups := map[int]string{}, map[int]string{}
	return func(_ string, a imagetar.Attributes) imagetar.Attributes {
		if _, known := users[a.UID]; !known {
			users[a.UID] = ""
			if u, err := user.LookupId(strconv.Itoa(a.UID)); err == nil {
				users[a.UID] = u.Username
			}
		}
		if _, known := groups[a.GID]; !known {
			groups[a.GID] = ""
			if g, err := user.LookupGroupId(strconv.Itoa(a.GID)); err == nil {
				groups[a.GID] = g.Name
			}
		}
		a.User, a.Group = users[a.UID], groups[a.GID]
		return a
	}
}
