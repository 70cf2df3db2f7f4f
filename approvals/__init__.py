"""Human in the loop: requests, chains of people, votes. Knows no concrete action; those register themselves."""
