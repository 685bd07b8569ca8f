"""What happens when a person does something. Handlers take plain values and return `{name of a component: value}`."""
