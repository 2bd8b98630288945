CREATE OR REPLACE TEMP TABLE round_days (name VARCHAR, first_day DATE, after_day DATE, current BOOLEAN)
