//go:build !unix

package keep

func freeSpace(string) int64 { return -1 }
