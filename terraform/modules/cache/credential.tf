# The password. AWS draws it; it is in the state, which is encrypted, and in Secrets Manager.

data "aws_secretsmanager_random_password" "token" {
  password_length     = 48
  exclude_punctuation = true
}

# The data source draws anew at every plan: this keeps the first one until the generation changes.
resource "terraform_data" "token" {
  input            = data.aws_secretsmanager_random_password.token.random_password
  triggers_replace = var.token_generation

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_secretsmanager_secret" "token" {
  name                    = "${var.name}/redis"
  description             = "The password of the shared state"
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "token" {
  secret_id     = aws_secretsmanager_secret.token.id
  secret_string = jsonencode({ password = terraform_data.token.output })
}
