//go:build !linux && !darwin

package durable

func (osFS) Exchange(a, b string) error { return ErrNoExchange }
