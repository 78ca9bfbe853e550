package linkage

import (
	"fmt"
	"os"
	"syscall"
)

// identity returns a text that is the same for all paths of a file.
func identity(info os.FileInfo, otherwise string) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return otherwise
	}
	return fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}
