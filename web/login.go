package web

// OIDCConfig is how single sign-on is set up; nil is without.
type OIDCConfig struct{}
