package web

func (s *Server) helpRoutes() []route { return nil }
