//go:build !unix

package opening

const nonBlock = 0
