"""The engine: the way of one photo, read -> split -> resolve -> plan -> paint -> enlarge -> merge -> write."""
