"""From probabilities to a signal, its meta-label and its playbook."""
