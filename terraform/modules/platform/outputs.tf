output "name" {
  description = "The prefix of every name, and the cluster's name."
  value       = local.name
}

output "cluster_endpoint" {
  description = "The API's address."
  value       = module.cluster.endpoint
}

output "helm_values" {
  description = "The chart's values, as YAML."
  value       = yamlencode(local.helm_values)
}

output "repository_urls" {
  description = "Where to push each image, by name."
  value       = module.security.repository_urls
}

output "model_bucket" {
  description = "Where the weights are, below `models/ORGANISATION/NAME/`."
  value       = module.storage.bucket
}

output "model_bucket_arn" {
  description = "The same bucket's ARN."
  value       = module.storage.bucket_arn
}

output "data_key_arn" {
  description = "The key of models, volumes and the cache."
  value       = module.security.key_arns["data"]
}

output "service_accounts" {
  description = "Which service account takes which role: `NAMESPACE/NAME` by workload."
  value       = module.iam.service_accounts
}

output "policies" {
  description = "The policy of each workload, as JSON."
  value       = module.iam.policies
}

output "node_groups" {
  description = "The names of the GPU node groups."
  value       = module.gpu_nodes.node_groups
}

output "karpenter_manifests" {
  description = "NodePools and EC2NodeClass for `kubectl apply`; null without Karpenter."
  value       = module.gpu_nodes.karpenter_manifests
}

output "prometheus" {
  description = "The workspace of metrics, its `arn` and `endpoint`; null without one."
  value       = module.observability.prometheus
}

output "grafana_endpoint" {
  description = "Where people look at dashboards; null without Managed Grafana."
  value       = module.observability.grafana_endpoint
}

output "nat_addresses" {
  description = "The public addresses that the platform's own requests come from."
  value       = module.network.nat_addresses
}
