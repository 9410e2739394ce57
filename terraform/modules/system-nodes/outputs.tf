output "node_group" {
  description = "The name of the node group."
  value       = aws_eks_node_group.this.node_group_name
}

output "storage_class" {
  description = "The storage class of encrypted gp3 volumes."
  value       = "ebs-csi-default-sc"
  depends_on  = [aws_eks_addon.volumes]
}
