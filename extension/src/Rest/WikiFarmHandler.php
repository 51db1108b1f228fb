<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Context\RequestContext;
use MediaWiki\Extension\WikiFarm\ActingUser;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Extension\WikiFarm\ServiceFailure;
use MediaWiki\Extension\WikiFarm\ServiceRequest;
use MediaWiki\Rest\HttpException;
use MediaWiki\Rest\LocalizedHttpException;
use MediaWiki\Rest\ResponseInterface;
use MediaWiki\Rest\SimpleHandler;
use Wikimedia\Message\MessageValue;

/** What every route has in common: who asks, and how a failure is told. */
abstract class WikiFarmHandler extends SimpleHandler {
	public function __construct( protected readonly ServiceClient $client ) {
	}

	/** @throws HttpException for whoever has no account of their own, or did not sign in */
	protected function requireUser(): ActingUser {
		return ActingUser::newFromAuthority( $this->getAuthority() ) ??
			throw $this->refusal( 'sign_in_needed', 401, new MessageValue( 'wikifarm-error-sign-in-needed' ) );
	}

	/** @throws HttpException */
	protected function ask( ServiceRequest $request, ?ActingUser $user, string $idempotencyKey = '' ): array {
		try {
			return $this->client->ask( $request, $user, idempotencyKey: $idempotencyKey );
		} catch ( ServiceFailure $failure ) {
			throw $this->told( $failure );
		}
	}

	protected function told( ServiceFailure $failure ): HttpException {
		return $this->refusal( $failure->failureCode, $failure->status, $failure->getMessageValue() );
	}

	/** MediaWiki's own error, with a stable code and the words in the language of whoever asked. */
	protected function refusal( string $code, int $status, MessageValue $words ): HttpException {
		$text = RequestContext::getMain()->msg( $words )->text();
		return new LocalizedHttpException( $words, $status, [ 'code' => $code, 'message' => $text ] );
	}

	/** Nobody's to keep: it is of one user, or changes at any moment. */
	protected function answer( array $value, int $status = 200 ): ResponseInterface {
		$response = $this->getResponseFactory()->createJson( $value );
		$response->setStatus( $status );
		$response->setHeader( 'Cache-Control', 'no-store' );
		return $response;
	}
}
