package queries

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/duckdb/duckdb-go/v2"
)

// connector gives connections that let go of what was cancelled.
type connector struct{ *duckdb.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{conn.(*duckdb.Conn)}, nil
}

// connection is DuckDB's own, save that a query whose context ends just before it runs does not stay behind, prepared: it would keep a
// transaction, and with it the database and its file lock, until the connection is asked something else, and for good if it is closed.
type connection struct{ *duckdb.Conn }

func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.Conn.ExecContext(ctx, query, args)
	c.letGo(ctx, err)
	return result, err
}

func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.Conn.QueryContext(ctx, query, args)
	c.letGo(ctx, err)
	return rows, err
}

func (c *connection) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, o)
	c.letGo(ctx, err)
	return tx, err
}

// letGo asks the connection something else after a query that was cancelled; what it answers does not matter.
func (c *connection) letGo(ctx context.Context, err error) {
	if err != nil && ctx.Err() != nil {
		_, _ = c.Conn.ExecContext(context.Background(), text("let_go"), nil)
	}
}

// arrowConn runs f with a connection and its Arrow interface; both are f's alone while it runs.
func arrowConn(ctx context.Context, conn *sql.Conn, f func(*duckdb.Arrow) error) error {
	return conn.Raw(func(dc any) error {
		c := dc.(*connection)
		a, err := duckdb.NewArrowFromConn(c.Conn)
		if err != nil {
			return err
		}
		err = f(a)
		c.letGo(ctx, err)
		return err
	})
}
