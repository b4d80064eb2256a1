//go:build unix

package keep

import "syscall"

// freeSpace is how many bytes may be written below dir, -1 if that can't be said.
func freeSpace(dir string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
