mock_provider "aws" {
  source = "../../testing"
}

variables {
  cluster_name       = "tiergate-test"
  kubernetes_version = "1.35"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  node_role_arn      = "arn:aws:iam::123456789012:role/node"
  volume_key_arn     = "arn:aws:kms:us-east-1:123456789012:key/data"
  ebs_csi_role_arn   = "arn:aws:iam::123456789012:role/ebs"
}

run "nodes_that_keep_their_role" {
  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "A pod must not reach the node's credentials."
  }

  assert {
    condition     = aws_launch_template.this.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.this.block_device_mappings[0].ebs[0].kms_key_id == var.volume_key_arn
    error_message = "Disks must be encrypted by the key that was given."
  }

  assert {
    condition     = aws_eks_node_group.this.capacity_type == "ON_DEMAND" && length(aws_eks_node_group.this.taint) == 0
    error_message = "The router and the cluster's own pods must always find a node."
  }

  assert {
    condition     = jsondecode(aws_eks_addon.volumes.configuration_values).defaultStorageClass.enabled && length(aws_eks_addon.lustre) == 0
    error_message = "A gp3 class by default, and no driver for a file system that is not there."
  }
}

run "the_driver_for_lustre" {
  command = plan

  variables {
    lustre = true
  }

  assert {
    condition     = aws_eks_addon.lustre[0].addon_name == "aws-fsx-csi-driver"
    error_message = "The file system needs its driver."
  }
}

run "refuses" {
  command = plan

  variables {
    cluster_name       = "X"
    kubernetes_version = "1.2"
    ami_release        = "latest"
    subnet_ids         = []
    node_role_arn      = "node"
    volume_key_arn     = "key"
    instance_types     = ["t4g.large"]
    nodes              = { min = 2, desired = 1, max = 3 }
    disk_gb            = 5
    addon_versions     = { coredns = "1" }
    ebs_csi_role_arn   = "ebs"
  }

  expect_failures = [
    var.cluster_name, var.kubernetes_version, var.ami_release, var.subnet_ids, var.node_role_arn, var.volume_key_arn,
    var.instance_types, var.nodes, var.disk_gb, var.addon_versions, var.ebs_csi_role_arn,
  ]
}
