mock_provider "aws" {
  source = "../../testing"
}

variables {
  cluster_name       = "tiergate-test"
  kubernetes_version = "1.35"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  node_role_arn      = "arn:aws:iam::123456789012:role/tiergate-test-node"
  volume_key_arn     = "arn:aws:kms:us-east-1:123456789012:key/data"

  tiers = {
    fast = {
      model = "Qwen/Qwen2.5-1.5B-Instruct"
      spot  = { min = 0, desired = 1, max = 4 }
    }
    reasoning = {
      model     = "meta-llama/Llama-3.2-3B-Instruct"
      on_demand = { min = 1, desired = 1, max = 2 }
      spot      = { min = 0, desired = 0, max = 4 }
    }
  }
}

run "a_group_for_each_kind_of_capacity" {
  assert {
    condition     = output.node_groups == tolist(["fast-spot", "reasoning-on-demand", "reasoning-spot"])
    error_message = "A group for each tier and kind of capacity that has room for a node."
  }

  assert {
    condition     = aws_eks_node_group.tier["fast-spot"].capacity_type == "SPOT" && aws_eks_node_group.tier["fast-spot"].scaling_config[0].min_size == 0
    error_message = "The fast tier must be able to scale from zero."
  }

  assert {
    condition     = alltrue([for group in aws_eks_node_group.tier : group.ami_type == "AL2023_x86_64_NVIDIA" && group.instance_types == tolist(["g4dn.xlarge"])])
    error_message = "g4dn.xlarge with NVIDIA's drivers by default."
  }

  assert {
    condition     = alltrue([for group in aws_eks_node_group.tier : toset([for taint in group.taint : taint.effect]) == toset(["NO_SCHEDULE"]) && length(group.taint) == 2])
    error_message = "Nothing but a tier's own pods may land on a GPU."
  }

  assert {
    condition     = aws_eks_node_group.tier["fast-spot"].labels["tiergate.io/tier"] == "fast"
    error_message = "The chart selects nodes by this label."
  }

  assert {
    condition = alltrue([for template in aws_launch_template.tier :
      template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1 && template.block_device_mappings[0].ebs[0].encrypted == "true"
    ])
    error_message = "IMDSv2 at one hop, encrypted disks."
  }

  assert {
    condition     = output.karpenter_manifests == null && output.karpenter_queue == null
    error_message = "No Karpenter unless asked for."
  }
}

run "karpenter" {
  variables {
    karpenter = true
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.interruptions) == 4 && aws_sqs_queue.interruptions["karpenter"].sqs_managed_sse_enabled
    error_message = "Karpenter must hear of interruptions."
  }

  assert {
    condition     = length(split("---\n", output.karpenter_manifests)) == 3
    error_message = "One EC2NodeClass and a NodePool a tier."
  }

  assert {
    condition     = yamldecode(split("---\n", output.karpenter_manifests)[1]).spec.template.spec.taints == yamldecode(yamlencode(output.scheduling["fast"].taints))
    error_message = "Karpenter's nodes must carry the same taints as the groups'."
  }

  assert {
    condition     = yamldecode(split("---\n", output.karpenter_manifests)[0]).spec.role == "tiergate-test-node"
    error_message = "Karpenter's nodes take the same role."
  }
}

run "refuses_a_type_without_a_gpu" {
  command = plan

  variables {
    tiers = { fast = { model = "a/b", instance_types = ["m6i.large"], spot = { min = 0, desired = 0, max = 1 } } }
  }

  expect_failures = [var.tiers]
}

run "refuses_a_tier_without_room" {
  command = plan

  variables {
    tiers = { fast = { model = "a/b" } }
  }

  expect_failures = [var.tiers]
}

run "refuses_a_model_without_an_organisation" {
  command = plan

  variables {
    tiers = { fast = { model = "qwen", spot = { min = 0, desired = 0, max = 1 } } }
  }

  expect_failures = [var.tiers]
}

run "refuses" {
  command = plan

  variables {
    cluster_name       = "X"
    kubernetes_version = "2.0"
    ami_release        = "newest"
    subnet_ids         = ["10.0.0.0/24"]
    node_role_arn      = "node"
    volume_key_arn     = "key"
    tiers              = { "Fast Tier" = { model = "a/b", spot = { min = 2, desired = 1, max = 1 } } }
    disk_gb            = 20
  }

  expect_failures = [
    var.cluster_name, var.kubernetes_version, var.ami_release, var.subnet_ids, var.node_role_arn, var.volume_key_arn,
    var.tiers, var.disk_gb,
  ]
}
