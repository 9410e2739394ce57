mock_provider "aws" {
  source = "../../testing"
}

variables {
  name              = "tiergate-prod-west"
  primary_bucket    = "models-east"
  primary_key_arn   = "arn:aws:kms:us-east-1:123456789012:key/east"
  secondary_region  = "us-west-2"
  secondary_bucket  = "models-west"
  secondary_key_arn = "arn:aws:kms:us-west-2:123456789012:key/west"
  zone_id           = "Z0123456789"
  hostname          = "llm.example.com"
}

run "copies_before_there_are_gateways" {
  assert {
    condition     = one(aws_s3_bucket_replication_configuration.models.rule).destination[0].bucket == "arn:aws:s3:::models-west" && one(aws_s3_bucket_replication_configuration.models.rule).destination[0].encryption_configuration[0].replica_kms_key_id == var.secondary_key_arn
    error_message = "Copies go to the second bucket, encrypted by its own key."
  }

  assert {
    condition     = length(output.records) == 0
    error_message = "No record before there is a load balancer to lead to."
  }
}

run "the_nearer_region" {
  command = plan

  variables {
    gateways = {
      primary   = { dns_name = "a.elb.us-east-1.amazonaws.com", zone_id = "Z1", region = "us-east-1" }
      secondary = { dns_name = "b.elb.us-west-2.amazonaws.com", zone_id = "Z2", region = "us-west-2" }
    }
  }

  assert {
    condition     = { for key, record in aws_route53_record.gateway : key => record.latency_routing_policy[0].region } == { primary = "us-east-1", secondary = "us-west-2" }
    error_message = "Each region answers those that are nearer to it."
  }

  assert {
    condition     = alltrue([for record in aws_route53_record.gateway : record.alias[0].evaluate_target_health])
    error_message = "A region without a healthy gateway gets no new clients."
  }
}

run "the_second_in_need" {
  command = plan

  variables {
    policy = "failover"
    gateways = {
      primary   = { dns_name = "a.elb.us-east-1.amazonaws.com", zone_id = "Z1", region = "us-east-1" }
      secondary = { dns_name = "b.elb.us-west-2.amazonaws.com", zone_id = "Z2", region = "us-west-2" }
    }
  }

  assert {
    condition     = aws_route53_record.gateway["primary"].failover_routing_policy[0].type == "PRIMARY" && aws_route53_record.gateway["secondary"].failover_routing_policy[0].type == "SECONDARY"
    error_message = "The first region answers while it can."
  }
}

run "refuses" {
  command = plan

  variables {
    name              = "X"
    primary_bucket    = "A"
    primary_key_arn   = "key"
    secondary_region  = "west"
    secondary_bucket  = "B"
    secondary_key_arn = "key"
    zone_id           = "zone"
    hostname          = "localhost"
    policy            = "weighted"
    gateways          = { primary = { dns_name = "a", zone_id = "Z1", region = "us-east-1" } }
  }

  expect_failures = [
    var.name, var.primary_bucket, var.primary_key_arn, var.secondary_region, var.secondary_bucket, var.secondary_key_arn,
    var.zone_id, var.hostname, var.policy, var.gateways,
  ]
}
