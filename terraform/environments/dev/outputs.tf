output "helm_values" {
  description = "The chart's values: `make values ENV=dev` writes them to a file."
  value       = module.platform.helm_values
}

output "platform" {
  description = "What else people and scripts ask for: the cluster's name, where images and models go, which roles there are."
  value       = module.platform
}
