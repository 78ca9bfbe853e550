package confine

import "golang.org/x/sys/unix"

// tables gives the architectures that a kernel for amd64 runs: its own, and
// i386, whose numbers are written out since the packages of another
// architecture cannot be imported.
func tables() []*table {
	return []*table{tableAMD64(), table386()}
}

func tableAMD64() *table {
	return &table{
		arch: unix.AUDIT_ARCH_X86_64,
		forbidden: []uint32{
			unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_OPEN_TREE,
			unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK,
			unix.SYS_MOUNT_SETATTR, unix.SYS_OPEN_TREE_ATTR, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_BPF,
			unix.SYS_PERF_EVENT_OPEN, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL, unix.SYS_INIT_MODULE,
			unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD,
			unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD,
			unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
			unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_SYSLOG, unix.SYS_VHANGUP, unix.SYS_OPEN_BY_HANDLE_AT,
			unix.SYS_FANOTIFY_INIT, unix.SYS_PIDFD_GETFD, unix.SYS_KCMP, unix.SYS_LOOKUP_DCOOKIE, unix.SYS_NFSSERVCTL,
			unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_USELIB, unix.SYS_CREATE_MODULE, unix.SYS_GET_KERNEL_SYMS,
			unix.SYS_QUERY_MODULE,
		},
		absent: []uint32{
			unix.SYS_CLONE3, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
			unix.SYS_USERFAULTFD,
		},
		tracing: []uint32{
			unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE,
		},
		metadata: []uint32{
			unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT,
			unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR,
			unix.SYS_FREMOVEXATTR, unix.SYS_SETXATTRAT, unix.SYS_REMOVEXATTRAT, unix.SYS_UTIMENSAT,
			unix.SYS_FILE_SETATTR, unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES,
			unix.SYS_FUTIMESAT,
		},
		clone: unix.SYS_CLONE, ioctl: unix.SYS_IOCTL, socket: unix.SYS_SOCKET, seccomp: unix.SYS_SECCOMP, socketcall: noCall,
	}
}

func table386() *table {
	return &table{
		arch: unix.AUDIT_ARCH_I386,
		forbidden: []uint32{
			21 /* mount */, 52 /* umount2 */, 217 /* pivot_root */, 61 /* chroot */, 428, /* open_tree */
			429 /* move_mount */, 430 /* fsopen */, 431 /* fsconfig */, 432 /* fsmount */, 433, /* fspick */
			442 /* mount_setattr */, 467 /* open_tree_attr */, 310 /* unshare */, 346 /* setns */, 357, /* bpf */
			336 /* perf_event_open */, 286 /* add_key */, 287 /* request_key */, 288, /* keyctl */
			128 /* init_module */, 350 /* finit_module */, 129 /* delete_module */, 283, /* kexec_load */
			88 /* reboot */, 87 /* swapon */, 115 /* swapoff */, 51 /* acct */, 131, /* quotactl */
			443 /* quotactl_fd */, 79 /* settimeofday */, 264 /* clock_settime */, 343, /* clock_adjtime */
			124 /* adjtimex */, 74 /* sethostname */, 121 /* setdomainname */, 103 /* syslog */, 111, /* vhangup */
			342 /* open_by_handle_at */, 338 /* fanotify_init */, 438 /* pidfd_getfd */, 349, /* kcmp */
			253 /* lookup_dcookie */, 169 /* nfsservctl */, 110 /* iopl */, 101 /* ioperm */, 86, /* uselib */
			127 /* create_module */, 130 /* get_kernel_syms */, 167 /* query_module */, 22 /* umount */, 25, /* stime */
			404 /* clock_settime64 */, 405, /* clock_adjtime64 */
		},
		absent: []uint32{
			435 /* clone3 */, 425 /* io_uring_setup */, 426 /* io_uring_enter */, 427, /* io_uring_register */
			374, /* userfaultfd */
		},
		tracing: []uint32{
			26 /* ptrace */, 347 /* process_vm_readv */, 348 /* process_vm_writev */, 440, /* process_madvise */
		},
		metadata: []uint32{
			94 /* fchmod */, 306 /* fchmodat */, 452 /* fchmodat2 */, 95 /* fchown */, 298, /* fchownat */
			226 /* setxattr */, 227 /* lsetxattr */, 228 /* fsetxattr */, 235 /* removexattr */, 236, /* lremovexattr */
			237 /* fremovexattr */, 463 /* setxattrat */, 466 /* removexattrat */, 320, /* utimensat */
			469 /* file_setattr */, 15 /* chmod */, 182 /* chown */, 16 /* lchown */, 30 /* utime */, 271, /* utimes */
			299 /* futimesat */, 212 /* chown32 */, 198 /* lchown32 */, 207 /* fchown32 */, 412, /* utimensat_time64 */
		},
		clone: 120, ioctl: 54, socket: 359, seccomp: 354, socketcall: 102,
	}
}
