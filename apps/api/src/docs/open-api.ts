import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

const description = `The central system that charging stations connect to.

Words are those of OCPP 2.0.1. A station is named by its OCPP identity, percent-encoded; every other id is opaque.
Energies are JSON numbers made from exact decimals. Errors are RFC 9457 problems with a stable \`code\`. Lists are
newest first: follow \`nextCursor\`. Every POST takes an \`Idempotency-Key\`.`;

/** The OpenAPI 3.1 document at \`/openapi.json\`, and a page to try it at \`/docs\`. */
export function describeApi(app: NestFastifyApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Busbar')
    .setDescription(description)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key.' })
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Busbar API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}
