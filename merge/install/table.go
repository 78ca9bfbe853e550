package install

import (
	"maps"
	"slices"
	"sync"
)

// commands is every command by its name. The table never changes; building it
// waits for the first use.
var commands = sync.OnceValue(func() map[string]func(*command) error {
	t := map[string]func(*command) error{
		"dobin": func(c *command) error { return c.dobin("bin") }, "dosbin": func(c *command) error { return c.dobin("sbin") },
		"doexe": (*command).doexe, "doinitd": (*command).doinitd,
		"doins": (*command).doins, "doconfd": (*command).doconfd, "doenvd": (*command).doenvd, "doheader": (*command).doheader,
		"dodoc": (*command).dodoc, "dohtml": (*command).dohtml, "doinfo": (*command).doinfo, "doman": (*command).doman, "domo": (*command).domo,
		"dolib": (*command).dolib, "dolib.a": (*command).dolibA, "dolib.so": (*command).dolibSo,
		"dodir": (*command).dodir, "keepdir": (*command).keepdir,
		"dosym": (*command).dosym, "dohard": (*command).dohard, "dosed": (*command).dosed,
		"fowners": (*command).fowners, "fperms": (*command).fperms,
	}
	for _, name := range []string{"bin", "confd", "doc", "envd", "exe", "header", "initd", "ins", "lib.a", "lib.so", "man", "sbin"} {
		do := t["do"+name]
		t["new"+name] = func(c *command) error { return c.newfile("do"+name, do) }
	}
	return t
})

func sortedKeys(t map[string]func(*command) error) []string {
	return slices.Sorted(maps.Keys(t))
}
