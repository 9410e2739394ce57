mock_provider "aws" {
  source = "../../testing"
}

variables {
  cluster_name     = "tiergate-test"
  cluster_arn      = "arn:aws:eks:us-east-1:123456789012:cluster/tiergate-test"
  tier_models      = { fast = "Qwen/Qwen2.5-1.5B-Instruct", reasoning = "meta-llama/Llama-3.2-3B-Instruct" }
  model_bucket_arn = "arn:aws:s3:::models"
  data_key_arn     = "arn:aws:kms:us-east-1:123456789012:key/data"
  secret_arns      = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:redis"]
  log_group_arns   = ["arn:aws:logs:us-east-1:123456789012:log-group:/tiergate/test/router"]
  prometheus_arn   = "arn:aws:aps:us-east-1:123456789012:workspace/ws"
}

run "a_role_a_workload" {
  assert {
    condition = output.service_accounts == {
      tier-fast          = "tiergate/tiergate-fast"
      tier-reasoning     = "tiergate/tiergate-reasoning"
      external-secrets   = "external-secrets/external-secrets"
      log-agent          = "observability/log-agent"
      metrics-writer     = "observability/prometheus"
      cluster-autoscaler = "kube-system/cluster-autoscaler"
      vpc-cni            = "kube-system/aws-node"
      ebs-csi            = "kube-system/ebs-csi-controller-sa"
    }
    error_message = "Exactly these workloads have a role; the router has none."
  }

  assert {
    condition     = length(aws_eks_pod_identity_association.workload) == 6
    error_message = "Every role but the add-ons' is associated here."
  }
}

run "least_privilege" {
  command = plan

  assert {
    condition = flatten([for statement in local.tiers["tier-fast"].statements : statement.Resource if strcontains(statement.Sid, "Read")]) == [
      "arn:aws:s3:::models/models/Qwen/Qwen2.5-1.5B-Instruct/*"
    ]
    error_message = "A tier must read its own model's weights and no other's."
  }

  assert {
    condition = alltrue(flatten([
      for name, workload in local.workloads : [
        for statement in workload.statements : [for action in statement.Action : !strcontains(action, "*")]
      ]
    ]))
    error_message = "Every action must be named: no wildcard."
  }

  assert {
    condition = alltrue(flatten([
      for name, workload in local.workloads : [
        for statement in workload.statements : !contains(statement.Resource, "*") || statement.Sid == "Look"
      ]
    ]))
    error_message = "Only the calls that describe may name no resource."
  }

  assert {
    condition     = toset([for attachment in aws_iam_role_policy_attachment.node : attachment.policy_arn]) == toset(["arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy", "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"])
    error_message = "Nodes join and pull, and nothing else."
  }
}

run "without_prometheus_no_role_for_it" {
  command = plan

  variables {
    metrics        = false
    prometheus_arn = null
  }

  assert {
    condition     = !contains(keys(local.workloads), "metrics-writer")
    error_message = "Nobody writes where there is nothing to write to."
  }
}

run "karpenter_in_place_of_the_autoscaler" {
  variables {
    autoscaler = "karpenter"
  }

  assert {
    condition     = contains(keys(output.service_accounts), "karpenter") && !contains(keys(output.service_accounts), "cluster-autoscaler")
    error_message = "One of the two adds nodes, not both."
  }

  assert {
    condition = length([
      for statement in local.workloads["karpenter"].statements : statement
      if contains(statement.Action, "ec2:CreateTags") && !can(statement.Condition.StringEquals["ec2:CreateAction"])
      && can(statement.Condition.StringEquals["aws:ResourceTag/kubernetes.io/cluster/tiergate-test"])
    ]) == 1
    error_message = "Karpenter names the instances of this cluster after they have started."
  }

  assert {
    condition = length(setsubtract(
      ["ec2:DescribeInstanceStatus", "ec2:DescribeCapacityReservations", "ec2:DescribePlacementGroups", "iam:ListInstanceProfiles"],
      flatten(local.workloads["karpenter"].statements[*].Action),
    )) == 0
    error_message = "Karpenter 1.14 looks at these, too."
  }

  assert {
    condition     = aws_eks_access_entry.node[0].type == "EC2_LINUX"
    error_message = "Instances that Karpenter starts must be let into the cluster."
  }
}

run "refuses" {
  command = plan

  variables {
    cluster_name     = "X"
    cluster_arn      = "cluster"
    namespace        = "Tier Gate"
    tier_models      = { fast = "*" }
    model_bucket_arn = "models"
    data_key_arn     = "key"
    secret_arns      = ["*"]
    log_group_arns   = []
    prometheus_arn   = "ws"
    autoscaler       = "by-hand"
  }

  expect_failures = [
    var.cluster_name, var.cluster_arn, var.namespace, var.tier_models, var.model_bucket_arn, var.data_key_arn,
    var.secret_arns, var.log_group_arns, var.prometheus_arn, var.autoscaler,
  ]
}
