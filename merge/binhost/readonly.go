package binhost

import "syscall"

// errReadOnly is what writing to a file system that is mounted read-only gives.
const errReadOnly = syscall.EROFS
