"""Who acts: manifests, runtime, the catalogue of agents."""
