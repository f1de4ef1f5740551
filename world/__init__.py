"""What there is before anybody acts: tables of state, laws, money, noise, parameters, world files."""
