# One name for both regions. A region whose gateway cannot be reached from outside, or whose load balancer
# has no healthy target, gets no new clients. TCP: every path of the gateway may ask for a token.

resource "aws_route53_health_check" "gateway" {
  for_each          = var.gateways
  type              = "TCP"
  fqdn              = each.value.dns_name
  port              = 443
  request_interval  = 30
  failure_threshold = 3
  tags              = { Name = "${var.name}-${each.key}" }
}

resource "aws_route53_record" "gateway" {
  for_each        = var.gateways
  zone_id         = var.zone_id
  name            = var.hostname
  type            = "A"
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.gateway[each.key].id

  alias {
    name                   = each.value.dns_name
    zone_id                = each.value.zone_id
    evaluate_target_health = true
  }

  dynamic "latency_routing_policy" {
    for_each = var.policy == "latency" ? [each.value.region] : []

    content {
      region = latency_routing_policy.value
    }
  }

  dynamic "failover_routing_policy" {
    for_each = var.policy == "failover" ? [upper(each.key)] : []

    content {
      type = failover_routing_policy.value
    }
  }
}
