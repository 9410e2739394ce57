mock_provider "aws" {
  source = "../../testing"
}

variables {
  name              = "tiergate-test"
  subnet_ids        = ["subnet-0a", "subnet-0b"]
  security_group_id = "sg-0a"
  key_arn           = "arn:aws:kms:us-east-1:123456789012:key/data"
}

run "tls_and_a_password_always" {
  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "TLS alone."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" && aws_elasticache_replication_group.this.kms_key_id == var.key_arn
    error_message = "Encrypted at rest by the key that was given."
  }

  assert {
    condition     = nonsensitive(aws_elasticache_replication_group.this.auth_token == jsondecode(aws_secretsmanager_secret_version.token.secret_string).password)
    error_message = "The secret must hold the password that the cache asks for."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "A second node must take over by itself."
  }

  assert {
    condition     = output.url == "rediss://mock.cache.amazonaws.com:6379/0"
    error_message = "TLS in the address, and no password."
  }
}

run "one_node_has_nobody_to_fail_over_to" {
  command = plan

  variables {
    nodes = 1
  }

  assert {
    condition     = !aws_elasticache_replication_group.this.multi_az_enabled && !aws_elasticache_replication_group.this.automatic_failover_enabled
    error_message = "ElastiCache refuses fail-over with one node."
  }
}

run "refuses" {
  command = plan

  variables {
    name                 = "X"
    subnet_ids           = []
    security_group_id    = "a"
    key_arn              = "key"
    engine_version       = "6.2"
    node_type            = "t4g.small"
    nodes                = 0
    snapshot_days        = 40
    token_generation     = 0
    secret_recovery_days = 3
  }

  expect_failures = [
    var.name, var.subnet_ids, var.security_group_id, var.key_arn, var.engine_version, var.node_type, var.nodes,
    var.snapshot_days, var.token_generation, var.secret_recovery_days,
  ]
}
