"""What keeps a shop going beside its business.

- Opening it: ``opening``, ``shop``, ``shop_folder``, ``founding``, ``signing_key``.
- Its ports: ``ports``, ``addresses``, ``tls``, ``certificates``.
- Its work in the background: ``scheduler``, ``foreign_commits``, ``inventory_mirror``,
  ``receipt_printing``, ``chat_log``, ``backup_schedule``.
- Commands of the shell: ``people``, ``imports``, ``backups``, ``restore``.
- The machine: ``clock``, ``atomic_files``, ``file_limit``.
"""
