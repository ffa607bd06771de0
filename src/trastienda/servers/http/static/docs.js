// Swagger UI over our own description; nothing comes from elsewhere, and no outside validator is asked.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null, persistAuthorization: true });
