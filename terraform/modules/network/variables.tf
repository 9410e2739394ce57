variable "name" {
  description = "Prefix of every name here, and the name of the cluster that the subnets are tagged for."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "name must be 3 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "cidr" {
  description = "The VPC's IPv4 block. A /16 gives each zone 16,384 addresses for pods and nodes."
  type        = string
  default     = "10.40.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "cidr must be an IPv4 block that starts at its first address, such as 10.40.0.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 20, false)
    error_message = "cidr must be between /16, the largest that a VPC takes, and /20."
  }
}

variable "zones" {
  description = "Over how many availability zones the subnets are spread. EKS wants at least two."
  type        = number
  default     = 3

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones must be 2 or 3."
  }
}

variable "nat" {
  description = "`single`: one NAT gateway, cheap, and a zone's failure cuts all zones off the internet. `per_zone`: one each."
  type        = string
  default     = "per_zone"

  validation {
    condition     = contains(["single", "per_zone"], var.nat)
    error_message = "nat must be single or per_zone."
  }
}

variable "interface_endpoints" {
  description = "AWS services reached inside the VPC instead of through NAT. Each costs by the hour and zone; S3's gateway endpoint is free and always there."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "sts", "logs", "eks-auth"]

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9.-]+$", service))])
    error_message = "interface_endpoints are the last parts of service names, such as ecr.api."
  }
}

variable "flow_log_retention_days" {
  description = "For how many days the record of accepted and rejected connections is kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 731, 1096], var.flow_log_retention_days)
    error_message = "flow_log_retention_days must be a retention that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 731 or 1096."
  }
}

variable "log_kms_key_arn" {
  description = "The key that encrypts the flow logs."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.log_kms_key_arn))
    error_message = "log_kms_key_arn must be the ARN of a KMS key."
  }
}
