mock_provider "aws" {
  source = "../../testing"
}

variables {
  environment = "test"
  network     = { cidr = "10.50.0.0/16" }
  cluster     = { admin_principal_arns = ["arn:aws:iam::123456789012:role/platform"] }

  tiers = [
    { name = "small", model = "a/small", spot = { min = 0, desired = 0, max = 1 } },
    { name = "large", model = "b/large", on_demand = { min = 1, desired = 2, max = 2 } },
  ]

  observability = { alert_emails = ["money@example.com"], monthly_budget_usd = 100 }
}

run "values_for_the_chart" {
  assert {
    condition     = yamldecode(output.helm_values).tiers[*].name == ["small", "large"]
    error_message = "Tiers must keep their order, which is that of cost."
  }

  assert {
    condition = yamldecode(output.helm_values).tiers[0].nodeSelector == { "tiergate.io/tier" = "small" } && yamldecode(output.helm_values).tiers[0].tolerations == [
      { key = "tiergate.io/tier", operator = "Equal", value = "small", effect = "NoSchedule" },
      { key = "nvidia.com/gpu", operator = "Equal", value = "true", effect = "NoSchedule" },
    ]
    error_message = "A tier's pods must select and tolerate their own nodes."
  }

  assert {
    condition     = yamldecode(output.helm_values).tiers[*].replicas == [1, 2]
    error_message = "A pod for each node of the start, and one for a tier that starts from zero."
  }

  assert {
    condition     = yamldecode(output.helm_values).redis.external.url == "rediss://mock.cache.amazonaws.com:6379/0" && yamldecode(output.helm_values).redis.external.cidrs == ["10.50.0.0/16"]
    error_message = "The router must find the cache, and its network policy let it."
  }

  assert {
    condition     = yamldecode(output.helm_values).redis.external.existingSecret == yamldecode(output.helm_values).externalSecrets.secrets[0].name
    error_message = "The secret that is named must be the one that is made."
  }

  assert {
    condition     = yamldecode(output.helm_values).tiers[0].storage == { type = "hub" }
    error_message = "The hub by default."
  }
}

run "values_with_a_file_system" {
  variables {
    models = { source = "lustre" }
  }

  assert {
    condition = yamldecode(output.helm_values).tiers[1].storage == {
      type = "fsx"
      size = "1200Gi"
      path = "models/b/large"
      fsx  = { fileSystemId = "fs-0a1b2c3d", dnsName = "fs-0a1b2c3d.fsx.us-east-1.amazonaws.com", mountName = "mock" }
    }
    error_message = "Pods must mount the file system that was made, at their model's folder."
  }
}

run "values_with_volumes" {
  command = plan

  variables {
    models = { source = "ebs" }
  }

  assert {
    condition     = local.tier_storage == { type = "ebs", storageClassName = "ebs-csi-default-sc" }
    error_message = "Volumes come from the encrypted gp3 class."
  }
}

run "refuses" {
  command = plan

  variables {
    environment = "T"
    project     = "9"
    tiers = [
      { name = "one", model = "a/b", spot = { min = 0, desired = 0, max = 1 } },
      { name = "one", model = "a/c", spot = { min = 0, desired = 0, max = 1 } },
    ]
    models     = { source = "tape" }
    autoscaler = "by-hand"
  }

  expect_failures = [var.environment, var.project, var.tiers, var.models, var.autoscaler]
}
