# What a mocked AWS answers where the provider looks at the form of a value: ARNs, ids, names, JSON.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_data "aws_region" {
  defaults = { name = "us-east-1" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"] }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

mock_resource "aws_vpc" {
  defaults = { id = "vpc-0a1b2c3d" }
}

mock_resource "aws_subnet" {
  defaults = { id = "subnet-0a1b2c3d" }
}

mock_resource "aws_security_group" {
  defaults = { id = "sg-0a1b2c3d" }
}

mock_resource "aws_launch_template" {
  defaults = { id = "lt-0a1b2c3d4e5f60718", latest_version = 1 }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::mock" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/fsx/mock" }
}

mock_resource "aws_eks_cluster" {
  defaults = {
    arn        = "arn:aws:eks:us-east-1:123456789012:cluster/mock"
    endpoint   = "https://mock.eks.amazonaws.com"
    vpc_config = { cluster_security_group_id = "sg-0a1b2c3d" }
  }
}

mock_resource "aws_elasticache_replication_group" {
  defaults = { primary_endpoint_address = "mock.cache.amazonaws.com" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:mock" }
}

mock_resource "aws_sqs_queue" {
  defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:mock", url = "https://sqs.us-east-1.amazonaws.com/123456789012/mock" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:us-east-1:123456789012:rule/mock" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:us-east-1:123456789012:mock" }
}

mock_resource "aws_prometheus_workspace" {
  defaults = { arn = "arn:aws:aps:us-east-1:123456789012:workspace/mock" }
}

mock_resource "aws_ce_anomaly_monitor" {
  defaults = { arn = "arn:aws:ce::123456789012:anomalymonitor/mock" }
}

mock_resource "aws_fsx_lustre_file_system" {
  defaults = { id = "fs-0a1b2c3d", dns_name = "fs-0a1b2c3d.fsx.us-east-1.amazonaws.com", mount_name = "mock" }
}

mock_resource "aws_ecr_repository" {
  defaults = { repository_url = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mock" }
}

mock_data "aws_secretsmanager_random_password" {
  defaults = { random_password = "drawn-by-aws-drawn-by-aws" }
}
