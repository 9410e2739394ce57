# One group of nodes a tier and kind of capacity. A tier's nodes take that tier's pods alone.

locals {
  label = "tiergate.io/tier"

  # What the chart's tiers select and tolerate: the one place where these words are said.
  scheduling = {
    for tier in keys(var.tiers) : tier => {
      labels = { (local.label) = tier }
      taints = [
        { key = local.label, value = tier, effect = "NoSchedule" },
        { key = "nvidia.com/gpu", value = "true", effect = "NoSchedule" },
      ]
    }
  }

  # The API of node groups and Kubernetes spell the same effects differently.
  effects = { NoSchedule = "NO_SCHEDULE" }

  groups = merge([
    for tier, it in var.tiers : {
      for capacity, nodes in { on-demand = it.on_demand, spot = it.spot } :
      "${tier}-${capacity}" => { tier = tier, capacity = capacity, nodes = nodes } if nodes.max > 0
    }
  ]...)
}

resource "aws_launch_template" "tier" {
  for_each    = var.tiers
  name        = "${var.cluster_name}-${each.key}"
  description = "GPU nodes of the tier ${each.key}"

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.disk_gb
      throughput            = 250 # an image of 10 GB is pulled and unpacked while a request waits
      encrypted             = true
      kms_key_id            = var.volume_key_arn
      delete_on_termination = true
    }
  }

  # One hop: a pod cannot borrow the node's role; it has a role of its own or none.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${var.cluster_name}-${each.key}", Tier = each.key }
  }

  tag_specifications {
    resource_type = "volume"
    tags          = { Name = "${var.cluster_name}-${each.key}", Tier = each.key }
  }

  # Instance types with a disk of their own (g4dn: 125 GB of NVMe) keep images and pods' files there.
  user_data = filebase64("${path.module}/user_data.mime")
}

resource "aws_eks_node_group" "tier" {
  for_each        = local.groups
  cluster_name    = var.cluster_name
  node_group_name = each.key
  node_role_arn   = var.node_role_arn
  subnet_ids      = var.subnet_ids
  version         = var.kubernetes_version
  release_version = var.ami_release
  ami_type        = "AL2023_x86_64_NVIDIA"
  capacity_type   = each.value.capacity == "spot" ? "SPOT" : "ON_DEMAND"
  instance_types  = var.tiers[each.value.tier].instance_types
  labels          = merge(local.scheduling[each.value.tier].labels, { "tiergate.io/capacity" = each.value.capacity })

  dynamic "taint" {
    for_each = local.scheduling[each.value.tier].taints

    content {
      key    = taint.value.key
      value  = taint.value.value
      effect = local.effects[taint.value.effect]
    }
  }

  launch_template {
    id      = aws_launch_template.tier[each.value.tier].id
    version = aws_launch_template.tier[each.value.tier].latest_version
  }

  scaling_config {
    min_size     = each.value.nodes.min
    desired_size = each.value.nodes.desired
    max_size     = each.value.nodes.max
  }

  update_config {
    max_unavailable = 1
  }

  # A GPU that fell off the bus stays a Ready node without it.
  node_repair_config {
    enabled = true
  }

  # The autoscaler owns the number after the first apply.
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }
}
