output "scheduling" {
  description = "What pods of each tier select and tolerate: `labels` and `taints`."
  value       = local.scheduling
}

output "node_groups" {
  description = "The names of the node groups."
  value       = sort([for group in aws_eks_node_group.tier : group.node_group_name])
}

output "karpenter_manifests" {
  description = "NodePools and EC2NodeClass for `kubectl apply`, as YAML documents; null without Karpenter."
  value       = var.karpenter ? local.karpenter_manifests : null
}

output "karpenter_queue" {
  description = "The queue of interruptions that Karpenter listens to; null without Karpenter."
  value       = one([for queue in aws_sqs_queue.interruptions : queue.name])
}
