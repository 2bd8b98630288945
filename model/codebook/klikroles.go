package codebook

import (
	"embed"
	"fmt"
	"io/fs"

	"komhen/model"
)

// The role gallery governs no contact, so it stands apart: a change of it is no other version of the codebook.
//
//go:embed data/klik/roles.csv
var klikFiles embed.FS

// KlikRoles is KOMBIT's role gallery as far as it is known, in the order people see it. An error means that the program was built with a
// faulty file.
func KlikRoles() ([]model.KlikRole, error) {
	dir, err := fs.Sub(klikFiles, "data/klik")
	if err != nil {
		return nil, err
	}
	rows, err := read[struct {
		Code        string `csv:"code"`
		Name        string `csv:"name"`
		Kind        string `csv:"kind"`
		Required    yesNo  `csv:"required"`
		Origin      string `csv:"origin"`
		Description string `csv:"description"`
	}](dir, "roles.csv")
	if err != nil {
		return nil, fmt.Errorf("codebook: %w", err)
	}
	var roles []model.KlikRole
	seen := map[string]bool{}
	for _, r := range rows {
		kind := model.ContactKind(r.Kind)
		if r.Code == "" || r.Name == "" || seen[r.Code] || kind != model.ContactPerson && kind != model.ContactSystem || r.Origin != "fact" && r.Origin != "ours" {
			return nil, fmt.Errorf("codebook: roles.csv: %q stands twice, or is not a role", r.Code)
		}
		seen[r.Code] = true
		roles = append(roles, model.KlikRole{Code: r.Code, Name: r.Name, Kind: kind, Required: bool(r.Required), Origin: r.Origin, Description: r.Description})
	}
	return roles, nil
}
